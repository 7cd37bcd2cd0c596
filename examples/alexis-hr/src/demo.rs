//! The demo: plays `fixtures/demo.txt` with a fake of Alexis, a sandbox of Kleer, and this program
//! between them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Parser;

use crate::fake::Stage;
use crate::run::{Arguments, run};
use crate::session::{Failed, Session};

struct Demo<'a> {
    stage: Stage,
    options: Vec<String>,
    out: &'a mut (dyn Write + Send),
}

/// Plays the demo.
///
/// # Errors
/// When it cannot go on.
pub async fn play(out: &mut (dyn Write + Send)) -> Result<(), Failed> {
    let (program, folder) = (std::env::current_exe()?, tempfile::tempdir()?);
    let (program, folder) = (program.as_path(), folder.path());
    let stage = Stage::start().await?;
    stage.write_settings(folder)?;
    let file = |name: &str| folder.join(name).display().to_string();
    let (settings, store) = (file("demo.toml"), file("demo.sqlite"));
    let options = [
        "--settings",
        &settings,
        "--store",
        &store,
        "--lease",
        "2",
        "--show-personal-data",
    ];
    let options = options.map(ToOwned::to_owned).to_vec();
    let mut demo = Demo {
        stage,
        options,
        out,
    };
    for line in include_str!("../fixtures/demo.txt").lines() {
        match line.split_once(' ') {
            Some(("$", command)) => demo.command(command).await?,
            Some(("killed", command)) => demo.killed(program, command).await?,
            Some(("#", _)) | None => writeln!(demo.out, "{line}")?,
            Some(_) => demo.stage.act(line)?,
        }
    }
    let counts = demo.stage.counts()?;
    Ok(writeln!(demo.out, "\n{counts}")?)
}

impl Demo<'_> {
    /// Runs a command as somebody would who says yes.
    async fn command(&mut self, command: &str) -> Result<(), Failed> {
        let command = self.stage.with_ids(command)?;
        writeln!(self.out, "$ alexis-hr {command}")?;
        let words = command.split(' ').map(ToOwned::to_owned);
        let all = std::iter::once(String::new())
            .chain(self.options.clone())
            .chain(words);
        let Arguments { command, common } = Arguments::try_parse_from(all)?;
        let command = command.ok_or("a command is missing")?;
        let session = Session::open(&common, &command).await?;
        let mut shown = String::new();
        let mut say_yes = |text: &str| {
            shown = format!("{text}Carry this out? [y/N] y\n");
            true
        };
        let report = run(&session, &command, &common, &mut say_yes).await?;
        Ok(write!(self.out, "{shown}{}", report.text)?)
    }

    /// Kills the program in the middle of a create, as a process.
    async fn killed(&mut self, program: &Path, command: &str) -> Result<(), Failed> {
        let before = self.stage.keep_silent();
        let mut child = Command::new(program)
            .args(&self.options)
            .args(command.split(' '))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let waiting = self.stage.created_one_more(before);
        let reached = tokio::time::timeout(Duration::from_secs(30), waiting).await;
        child.kill()?;
        child.wait()?;
        reached?;
        writeln!(self.out, "$ alexis-hr {command}\n(killed)")?;
        // As long as the dead one's lease.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        Ok(())
    }
}
