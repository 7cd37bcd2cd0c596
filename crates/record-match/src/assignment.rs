//! One partner for each record, and how much worse the next best way to pair them would be.

/// A pair that could be the same, with its score above what is needed; always more than 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edge {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) weight: f64,
}

/// What becomes of an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Assigned {
    /// Whether it belongs to the best way to pair the records.
    pub(crate) chosen: bool,
    /// By how much the total gets worse if this pair is forbidden; 0 is a tie.
    pub(crate) margin: f64,
}

/// Components of at most so many records on the smaller side are solved to the optimum.
///
/// In larger ones (many people of one name) the best pairs are taken first, each with its distance
/// to the next best one of either record, and their records leave before the next round.
const SOLVED: usize = 16;
const LARGEST_MATRIX: usize = 1024;

/// Pairs the records, component by component. The edges are sorted by left, then right.
pub(crate) fn assign(edges: &[Edge], left: usize, right: usize) -> Vec<Assigned> {
    let mut result = vec![
        Assigned {
            chosen: false,
            margin: 0.0
        };
        edges.len()
    ];
    for component in components(edges, left, right) {
        if let [only] = component.as_slice() {
            result[*only] = Assigned {
                chosen: true,
                margin: edges[*only].weight,
            };
            continue;
        }
        let (lefts, rights) = (
            ends(edges, &component, |e| e.left),
            ends(edges, &component, |e| e.right),
        );
        if lefts.len().min(rights.len()) <= SOLVED && lefts.len() * rights.len() <= LARGEST_MATRIX {
            solve(edges, &component, &lefts, &rights, &mut result);
        } else {
            best_first(edges, component, left, right, &mut result);
        }
    }
    result
}

fn ends(edges: &[Edge], component: &[usize], end: impl Fn(&Edge) -> u32) -> Vec<u32> {
    let mut ends: Vec<u32> = component.iter().map(|index| end(&edges[*index])).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// The indexes of the edges that hang together, in the order of their first left record.
fn components(edges: &[Edge], left: usize, right: usize) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..left + right).collect();
    for edge in edges {
        let (a, b) = (
            root(&mut parents, edge.left as usize),
            root(&mut parents, left + edge.right as usize),
        );
        let (low, high) = (a.min(b), a.max(b));
        parents[high] = low;
    }
    let mut places = vec![usize::MAX; left + right];
    let mut components: Vec<Vec<usize>> = Vec::new();
    for (index, edge) in edges.iter().enumerate() {
        let root = root(&mut parents, edge.left as usize);
        if places[root] == usize::MAX {
            places[root] = components.len();
            components.push(Vec::new());
        }
        components[places[root]].push(index);
    }
    components
}

fn root(parents: &mut [usize], mut node: usize) -> usize {
    while parents[node] != node {
        parents[node] = parents[parents[node]];
        node = parents[node];
    }
    node
}

fn solve(
    edges: &[Edge],
    component: &[usize],
    lefts: &[u32],
    rights: &[u32],
    result: &mut [Assigned],
) {
    let turned = lefts.len() > rights.len();
    let (rows, columns) = if turned {
        (rights, lefts)
    } else {
        (lefts, rights)
    };
    let place = |index: usize| {
        let edge = &edges[index];
        let (row, column) = if turned {
            (edge.right, edge.left)
        } else {
            (edge.left, edge.right)
        };
        (
            rows.binary_search(&row).unwrap_or(0),
            columns.binary_search(&column).unwrap_or(0),
        )
    };
    let mut matrix = Matrix::new(rows.len(), columns.len());
    for index in component {
        let (row, column) = place(*index);
        matrix.set(row, column, edges[*index].weight);
    }
    let (best, partners) = matrix.optimum();
    for index in component {
        let (row, column) = place(*index);
        if partners[row] != column {
            continue;
        }
        matrix.set(row, column, 0.0);
        let (without, _) = matrix.optimum();
        matrix.set(row, column, edges[*index].weight);
        result[*index] = Assigned {
            chosen: true,
            margin: (best - without).max(0.0),
        };
    }
}

struct Matrix {
    rows: usize,
    columns: usize,
    weights: Vec<f64>,
}

impl Matrix {
    fn new(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            weights: vec![0.0; rows * columns],
        }
    }

    fn set(&mut self, row: usize, column: usize, weight: f64) {
        self.weights[row * self.columns + column] = weight;
    }

    /// The largest total, and the column of each row; a weight of 0 stands for no partner.
    ///
    /// Successive shortest paths with potentials (Jonker and Volgenant 1987), rows at most columns.
    fn optimum(&self) -> (f64, Vec<usize>) {
        let (n, m) = (self.rows, self.columns);
        let mut row_potential = vec![0.0; n + 1];
        let mut column_potential = vec![0.0; m + 1];
        let mut row_of = vec![0_usize; m + 1];
        let mut way = vec![0_usize; m + 1];
        for row in 1..=n {
            row_of[0] = row;
            let mut column = 0;
            let mut shortest = vec![f64::INFINITY; m + 1];
            let mut used = vec![false; m + 1];
            loop {
                used[column] = true;
                let current = row_of[column];
                let (mut delta, mut next) = (f64::INFINITY, 0);
                for candidate in 1..=m {
                    if used[candidate] {
                        continue;
                    }
                    let cost = -self.weights[(current - 1) * m + candidate - 1];
                    let reduced = cost - row_potential[current] - column_potential[candidate];
                    if reduced < shortest[candidate] {
                        shortest[candidate] = reduced;
                        way[candidate] = column;
                    }
                    if shortest[candidate] < delta {
                        delta = shortest[candidate];
                        next = candidate;
                    }
                }
                for index in 0..=m {
                    if used[index] {
                        row_potential[row_of[index]] += delta;
                        column_potential[index] -= delta;
                    } else {
                        shortest[index] -= delta;
                    }
                }
                column = next;
                if row_of[column] == 0 {
                    break;
                }
            }
            while column != 0 {
                let before = way[column];
                row_of[column] = row_of[before];
                column = before;
            }
        }
        let mut partners = vec![usize::MAX; n];
        let mut total = 0.0;
        for (column, row) in row_of[1..].iter().enumerate().filter(|(_, row)| **row > 0) {
            let weight = self.weights[(row - 1) * m + column];
            if weight > 0.0 {
                partners[row - 1] = column;
                total += weight;
            }
        }
        (total, partners)
    }
}

/// Rounds of mutual best pairs; what two records compete for equally stays undecided.
fn best_first(
    edges: &[Edge],
    mut open: Vec<usize>,
    left: usize,
    right: usize,
    result: &mut [Assigned],
) {
    const MOST_ROUNDS: usize = 64;
    let mut bests = vec![(0.0_f64, 0.0_f64); left + right];
    let ends = |index: usize| {
        (
            edges[index].left as usize,
            left + edges[index].right as usize,
        )
    };
    for _ in 0..MOST_ROUNDS {
        for index in &open {
            for end in <[usize; 2]>::from(ends(*index)) {
                bests[end] = (0.0, 0.0);
            }
        }
        for index in &open {
            let weight = edges[*index].weight;
            for end in <[usize; 2]>::from(ends(*index)) {
                let (best, second) = &mut bests[end];
                if weight > *best {
                    (*best, *second) = (weight, *best);
                } else if weight > *second {
                    *second = weight;
                }
            }
        }
        let mut gone: Vec<usize> = Vec::new();
        for index in &open {
            let weight = edges[*index].weight;
            let (a, b) = ends(*index);
            let next = bests[a].1.max(bests[b].1);
            if bests[a].0 <= weight && bests[b].0 <= weight && next < weight {
                result[*index] = Assigned {
                    chosen: true,
                    margin: weight - next,
                };
                gone.extend([a, b]);
            }
        }
        if gone.is_empty() {
            return;
        }
        gone.sort_unstable();
        open.retain(|index| {
            let (a, b) = ends(*index);
            gone.binary_search(&a).is_err() && gone.binary_search(&b).is_err()
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edge(left: u32, right: u32, weight: f64) -> Edge {
        Edge {
            left,
            right,
            weight,
        }
    }

    #[test]
    fn a_tie_has_no_margin() {
        let tied = assign(&[edge(0, 0, 5.0), edge(0, 1, 5.0)], 1, 2);
        assert!(tied.iter().all(|assigned| assigned.margin == 0.0));
        let twins = [
            edge(0, 0, 5.0),
            edge(0, 1, 5.0),
            edge(1, 0, 5.0),
            edge(1, 1, 5.0),
        ];
        assert!(
            assign(&twins, 2, 2)
                .iter()
                .all(|assigned| assigned.margin == 0.0)
        );
    }

    #[test]
    fn who_is_taken_by_a_better_partner_does_not_compete() {
        let edges = [edge(0, 0, 20.0), edge(0, 1, 18.0), edge(1, 1, 25.0)];
        let assigned = assign(&edges, 2, 2);
        assert!(assigned[0].chosen && assigned[2].chosen && !assigned[1].chosen);
        assert!(assigned[0].margin > 15.0);
    }

    #[test]
    fn a_crowd_of_equals_stays_undecided() {
        let crowd: Vec<Edge> = (0..40)
            .flat_map(|l| (0..40).map(move |r| edge(l, r, 3.0)))
            .collect();
        assert!(
            assign(&crowd, 40, 40)
                .iter()
                .all(|assigned| !assigned.chosen)
        );
    }

    fn brute(weights: &[Vec<f64>], row: usize, used: u32) -> f64 {
        if row == weights.len() {
            return 0.0;
        }
        let mut best = brute(weights, row + 1, used);
        for (column, weight) in weights[row].iter().enumerate() {
            if used & (1 << column) == 0 && *weight > 0.0 {
                best = best.max(weight + brute(weights, row + 1, used | (1 << column)));
            }
        }
        best
    }

    proptest! {
        #[test]
        fn the_total_is_the_largest_there_is(
            weights in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0.0), 0.1..9.0_f64], 5), 1..5)
        ) {
            let mut matrix = Matrix::new(weights.len(), 5);
            for (row, line) in weights.iter().enumerate() {
                for (column, weight) in line.iter().enumerate() {
                    matrix.set(row, column, *weight);
                }
            }
            let (total, partners) = matrix.optimum();
            prop_assert!((total - brute(&weights, 0, 0)).abs() < 1e-9);
            let mut taken: Vec<usize> = partners.into_iter().filter(|c| *c != usize::MAX).collect();
            let count = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), count);
        }
    }
}
