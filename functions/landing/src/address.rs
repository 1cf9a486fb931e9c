//! Where a visitor comes from, as far as visits are counted by it.

use std::net::IpAddr;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

const DAY_S: i64 = 86_400;

/// The address that a request came from, as the network tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor(IpAddr);

impl Visitor {
    /// A visitor at this address.
    #[must_use]
    pub fn at(address: IpAddr) -> Visitor {
        Visitor(address.to_canonical())
    }

    /// The same, from the address's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Visitor> {
        text.parse().ok().map(Visitor::at)
    }

    /// What one household or server has: an address of IPv4, 64 bits of IPv6.
    fn network(self) -> [u8; 8] {
        let mut network = [0; 8];
        match self.0 {
            IpAddr::V4(address) => network[..4].copy_from_slice(&address.octets()),
            IpAddr::V6(address) => network.copy_from_slice(&address.octets()[..8]),
        }
        network
    }
}

/// Under which name visits are counted: of 16 million, another every day. So it stands for
/// some 256 addresses of IPv4 and tells nobody's, and two visitors of one minute seldom share it.
pub(crate) fn owner(visitor: Option<Visitor>, now: Timestamp) -> String {
    let Some(visitor) = visitor else {
        return "visit_unknown".to_owned();
    };
    let hash = Sha256::new()
        .chain_update("laurel visitor\0")
        .chain_update(now.as_second().div_euclid(DAY_S).to_be_bytes())
        .chain_update([u8::from(visitor.0.is_ipv6())])
        .chain_update(visitor.network())
        .finalize();
    format!("visit_{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_are_told_apart_by_network_and_day() {
        let day: Timestamp = "2026-11-20T12:00:00Z".parse().expect("an instant");
        let next: Timestamp = "2026-11-21T12:00:00Z".parse().expect("an instant");
        let name = |text: &str, now| owner(Some(Visitor::parse(text).expect("an address")), now);
        let same = [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:0:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ];
        for (one, other, is_same) in same {
            assert_eq!(name(one, day) == name(other, day), is_same, "{one} {other}");
        }
        assert_ne!(name("192.0.2.1", day), name("192.0.2.1", next));
        for wrong in ["", "192.0.2", "192.0.2.1:80", "example.com", "[::1]"] {
            assert_eq!(Visitor::parse(wrong), None, "{wrong}");
        }
    }
}
