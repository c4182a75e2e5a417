//! Convergence: replicas that hold the same edits show the same document.
//!
//! Strong eventual consistency (Shapiro, Preguiça, Baquero, Zawirski,
//! "Conflict-free replicated data types", SSS 2011): replicas that have
//! received the same updates are in the same state. A history that breaks it:
//! two replicas insert at the same place, and each keeps its own element first.

use super::difference::difference;
use crate::document::Document;
use crate::plan::NodeId;

/// What comparing documents came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// All equal; the SHA-256 of the document.
    Equal(String),
    /// Not all equal: the replicas by document, and where two first differ.
    Different(String),
}

/// Compares the documents of replicas that hold the same edits.
///
/// # Panics
/// Without any document.
pub fn agreement(documents: &[(NodeId, Document)]) -> Agreement {
    let (_, first) = documents.first().expect("a world has a replica");
    if documents.iter().all(|(_, document)| document == first) {
        return Agreement::Equal(first.digest());
    }
    let mut kinds: Vec<(&Document, Vec<u32>)> = Vec::new();
    for (node, document) in documents {
        match kinds.iter_mut().find(|(known, _)| *known == document) {
            Some((_, nodes)) => nodes.push(node.0),
            None => kinds.push((document, vec![node.0])),
        }
    }
    let sides: Vec<_> = kinds
        .iter()
        .map(|(document, nodes)| format!("{nodes:?} show {}", &document.digest()[..8]))
        .collect();
    Agreement::Different(format!(
        "replicas hold the same edits and show different documents: {}; {}",
        sides.join(", "),
        difference(kinds[0].0, kinds[1].0)
    ))
}

/// The stretch around the first byte that differs, on both sides.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Node, Run};

    fn text(content: &str) -> Document {
        let runs = vec![Run { text: content.to_owned(), marks: Default::default() }];
        Document { roots: [("notes".to_owned(), Node::Text(runs))].into() }
    }

    #[test]
    fn a_difference_is_named_with_its_sides() {
        let documents = [(NodeId(0), text("ab")), (NodeId(1), text("ba")), (NodeId(2), text("ab"))];
        let Agreement::Different(said) = agreement(&documents) else { panic!("they differ") };
        assert!(said.contains("[0, 2] show") && said.contains("[1] show"), "{said}");
        assert_eq!(agreement(&documents[..1]), Agreement::Equal(text("ab").digest()));
    }
}
