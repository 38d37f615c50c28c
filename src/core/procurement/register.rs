//! A last-writer-wins register: the reason why the order of arrival does not matter.

use serde::{Deserialize, Serialize};

use crate::event::Stamp;

/// A value and when it became true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register<T> {
    /// The value.
    #[serde(rename = "v")]
    pub value: T,
    /// Business time, sequence and event.
    #[serde(rename = "at")]
    pub stamp: Stamp,
}

impl<T: PartialEq> Register<T> {
    /// Takes `value` over if it is newer than what is there; tells whether it was.
    pub fn learn(slot: &mut Option<Self>, value: T, stamp: &Stamp) -> bool {
        if slot.as_ref().is_some_and(|known| known.stamp >= *stamp) {
            return false;
        }
        *slot = Some(Self {
            value,
            stamp: stamp.clone(),
        });
        true
    }
}

/// The newer of two registers.
pub(crate) fn newer<'a, T>(
    one: Option<&'a Register<T>>,
    other: Option<&'a Register<T>>,
) -> Option<&'a Register<T>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if one.stamp >= other.stamp { one } else { other }),
        (one, other) => one.or(other),
    }
}
