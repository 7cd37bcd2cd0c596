//! Transforms that an app brings along.

use std::fmt;
use std::sync::Arc;

use flat_record::Value;

use crate::datum::Datum;

type Convert = dyn Fn(&Value) -> Result<Value, String> + Send + Sync;

/// A transform that an app brings along, for what a profile cannot say.
///
/// It is called with values that are not null. What it says when it refuses one is shown to
/// users: name what to do, and nothing of the value.
///
/// ```
/// use field_map::Function;
/// use flat_record::Value;
///
/// let initials = Function::new(|value| match value.as_text() {
///     Some(name) => Ok(name.split(' ').filter_map(|part| part.chars().next()).collect::<String>().into()),
///     None => Err("give it a text".to_owned()),
/// });
/// assert!(!initials.is_reversible());
/// ```
#[derive(Clone)]
pub struct Function {
    forward: Arc<Convert>,
    backward: Option<Arc<Convert>>,
}

impl Function {
    /// A function without a way back.
    pub fn new(forward: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static) -> Self {
        Self {
            forward: Arc::new(forward),
            backward: None,
        }
    }

    /// Adds the way back.
    #[must_use]
    pub fn reversed_by(
        mut self,
        backward: impl Fn(&Value) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Self {
        self.backward = Some(Arc::new(backward));
        self
    }

    /// Whether there is a way back.
    pub fn is_reversible(&self) -> bool {
        self.backward.is_some()
    }

    pub(crate) fn call(&self, datum: Datum<'_>, backward: bool) -> Result<Datum<'static>, String> {
        let convert = match (&self.backward, backward) {
            (Some(function), true) => function,
            _ => &self.forward,
        };
        let value = convert(&datum.into_value())?;
        Ok(Datum::of_value(&value).into_owned())
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("reversible", &self.is_reversible())
            .finish_non_exhaustive()
    }
}
