//! A rough idea of which containers there are and who knows of them.
//!
//! It need not be right: what it gets wrong, the replay skips. It must be
//! quick, and right often enough that most steps do something.

use crate::edit::{ContainerKind, Path, Position};

/// The plain keys of maps.
pub(super) const KEYS: [&str; 4] = ["a", "b", "c", "d"];
/// The most containers and the most nodes that are kept track of: sets of them
/// are bits.
pub(super) const SPOTS_MAX: usize = 120;

/// A container.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) at: Path<Position>,
    pub(super) kind: ContainerKind,
    pub(super) depth: u32,
    pub(super) parent: Option<u8>,
    /// Itself and all that it stands in.
    line: u128,
    /// What all its elements are, if it is a list of containers.
    pub(super) rows: Option<ContainerKind>,
    /// The number that was put last under each of [`KEYS`]; 0 for none.
    pub(super) last: [i64; KEYS.len()],
}

impl Spot {
    pub(super) fn new(
        number: usize,
        at: Path<Position>,
        kind: ContainerKind,
        parent: Option<(u8, &Self)>,
    ) -> Self {
        Self {
            at,
            kind,
            depth: parent.map_or(0, |(_, spot)| spot.depth + 1),
            parent: parent.map(|(number, _)| number),
            line: 1 << number | parent.map_or(0, |(_, spot)| spot.line),
            rows: None,
            last: [0; KEYS.len()],
        }
    }
}

/// A node of a tree.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) tree: u8,
    pub(super) label: String,
    /// Where somebody put it last.
    pub(super) parent: Option<u8>,
}

/// Something that an edit changes; numbers are of spots and of nodes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Made(u8),
    Gone(u8),
    Node(u8),
    Cut(u8),
    Key(u8, u8),
    NoKey(u8, u8),
    Grown(u8, i16),
}

/// What one replica knows of.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    made: u128,
    gone: u128,
    nodes: u128,
    cut: u128,
    keys: [u128; KEYS.len()],
    /// Units of texts and elements of lists.
    sizes: Vec<u16>,
}

impl View {
    pub(super) fn has(&self, spot: &Spot) -> bool {
        self.made & spot.line == spot.line && self.gone & spot.line == 0
    }

    pub(super) fn has_key(&self, spot: u8, key: usize) -> bool {
        self.keys[key] >> spot & 1 == 1
    }

    pub(super) fn has_any_key(&self, spot: u8) -> bool {
        self.keys.iter().any(|keys| keys >> spot & 1 == 1)
    }

    /// Whether the node is there, and all above it.
    pub(super) fn has_node(&self, number: u8, nodes: &[Branch]) -> bool {
        let mut at = Some(number);
        // Parents are as somebody saw them: together they may go round.
        for _ in 0..8 {
            let Some(number) = at else { break };
            if self.nodes >> number & 1 == 0 || self.cut >> number & 1 == 1 {
                return false;
            }
            at = nodes[usize::from(number)].parent;
        }
        true
    }

    pub(super) fn size(&self, spot: u8) -> u32 {
        self.sizes.get(usize::from(spot)).map_or(0, |size| u32::from(*size))
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Made(spot) => self.made |= 1 << spot,
            Change::Gone(spot) => self.gone |= 1 << spot,
            Change::Node(node) => self.nodes |= 1 << node,
            Change::Cut(node) => self.cut |= 1 << node,
            Change::Key(spot, key) => self.keys[usize::from(key)] |= 1 << spot,
            Change::NoKey(spot, key) => self.keys[usize::from(key)] &= !(1 << spot),
            Change::Grown(spot, by) => {
                let spot = usize::from(spot);
                if self.sizes.len() <= spot {
                    self.sizes.resize(spot + 1, 0);
                }
                self.sizes[spot] = self.sizes[spot].saturating_add_signed(by);
            }
        }
    }

    /// Takes in what another knows of. Of sizes the larger one is taken.
    pub(super) fn learn(&mut self, other: &Self) {
        self.made |= other.made;
        self.gone |= other.gone;
        self.nodes |= other.nodes;
        self.cut |= other.cut;
        for (keys, others) in self.keys.iter_mut().zip(other.keys) {
            *keys |= others;
        }
        if self.sizes.len() < other.sizes.len() {
            self.sizes.resize(other.sizes.len(), 0);
        }
        for (size, other) in self.sizes.iter_mut().zip(&other.sizes) {
            *size = (*size).max(*other);
        }
    }
}
