//! The canonical value of a document, now or at an earlier version.
//!
//! Of values that were written at the same time, the one that Automerge shows
//! is read; the others are not looked at.

use std::collections::BTreeMap;

use automerge::{
    Automerge, ChangeHash, ObjId, ObjType, ReadDoc, ScalarValue, ScalarValueRef, Span, Value,
    ValueRef,
};
use deadzone_core::document::{Document, Node, Run, Scalar, normalized_runs};

use crate::forest::Forest;
use crate::place::{Place, RootPlaces, WRAPPER};
use crate::value::{canonical, canonical_ref};

/// Reads the whole document, now or as it was at `heads`.
pub(crate) fn document(
    document: &Automerge,
    roots: &RootPlaces,
    heads: Option<&[ChangeHash]>,
) -> Document {
    let reader = Reader { document, heads };
    let root = |(name, place): (&String, &Place)| (name.clone(), reader.place(place));
    Document { roots: roots.iter().map(root).collect() }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    document: &'a Automerge,
    heads: Option<&'a [ChangeHash]>,
}

impl Reader<'_> {
    fn place(self, place: &Place) -> Node {
        match place {
            Place::Text(text) => self.text(text),
            Place::Map(map) => self.map(map),
            Place::List(list) | Place::MovableList(list) => self.list(list),
            Place::Tree(tree) => Node::Tree(Forest::read(self.document, tree, self.heads).nodes()),
            Place::Counter { holder, at } => {
                let found = match self.heads {
                    None => self.document.get(holder, at.clone()),
                    Some(heads) => self.document.get_at(holder, at.clone(), heads),
                };
                match found {
                    Ok(Some((Value::Scalar(scalar), _))) => self.scalar(&scalar),
                    _ => Node::Scalar(Scalar::Null),
                }
            }
        }
    }

    fn scalar(self, scalar: &ScalarValue) -> Node {
        match scalar {
            ScalarValue::Counter(counter) => Node::Counter(counter.into()),
            other => Node::Scalar(canonical(other)),
        }
    }

    fn value(self, value: &ValueRef<'_>, id: impl FnOnce() -> ObjId) -> Node {
        match value {
            ValueRef::Scalar(ScalarValueRef::Counter(sum)) => Node::Counter(*sum),
            ValueRef::Scalar(scalar) => Node::Scalar(canonical_ref(scalar)),
            ValueRef::Object(ObjType::Text) => self.text(&id()),
            ValueRef::Object(ObjType::List) => self.list(&id()),
            ValueRef::Object(ObjType::Map | ObjType::Table) => self.map_or_wrapped(&id()),
        }
    }

    fn map_or_wrapped(self, map: &ObjId) -> Node {
        let found = match self.heads {
            None => self.document.get(map, WRAPPER),
            Some(heads) => self.document.get_at(map, WRAPPER, heads),
        };
        match found {
            Ok(Some((Value::Object(ObjType::List), list))) => self.list(&list),
            Ok(Some((Value::Object(ObjType::Map), tree))) => self.place(&Place::Tree(tree)),
            _ => self.map(map),
        }
    }

    fn map(self, map: &ObjId) -> Node {
        let range = match self.heads {
            None => self.document.map_range(map, ..),
            Some(heads) => self.document.map_range_at(map, .., heads),
        };
        let entries = range.map(|item| {
            let node = self.value(&item.value, || item.id());
            (item.key.into_owned(), node)
        });
        Node::Map(entries.collect())
    }

    fn list(self, list: &ObjId) -> Node {
        let range = match self.heads {
            None => self.document.list_range(list, ..),
            Some(heads) => self.document.list_range_at(list, .., heads),
        };
        Node::List(range.map(|item| self.value(&item.value, || item.id())).collect())
    }

    fn text(self, text: &ObjId) -> Node {
        let spans = match self.heads {
            None => self.document.spans(text),
            Some(heads) => self.document.spans_at(text, heads),
        };
        let spans = spans.expect("only texts are read as text");
        Node::Text(normalized_runs(spans.map(|span| match span {
            Span::Text { text, marks } => {
                let marks = marks.as_deref().into_iter().flat_map(|marks| marks.iter());
                let marks = marks.map(|(name, value)| (name.to_owned(), canonical(value)));
                Run { text, marks: marks.collect() }
            }
            // Block markers, which this adapter never writes.
            Span::Block(_) => Run { text: "\u{fffc}".to_owned(), marks: BTreeMap::new() },
        })))
    }
}
