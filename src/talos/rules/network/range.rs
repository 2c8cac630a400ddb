//! A range of addresses: those that begin with the same bits.

use std::net::{IpAddr, Ipv4Addr};

use crate::typing::mask;

/// A range: one of its addresses, and how many of their first bits its addresses share.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) ip: IpAddr,
    pub(super) prefix: u8,
}

impl Range {
    /// `a.b.0.0` with a prefix.
    pub(super) const fn v4([a, b]: [u8; 2], prefix: u8) -> Range {
        Range { ip: IpAddr::V4(Ipv4Addr::new(a, b, 0, 0)), prefix }
    }

    /// Whether an address is in it.
    pub(super) fn has(self, ip: IpAddr) -> bool {
        self.ip.is_ipv4() == ip.is_ipv4() && mask(ip, self.prefix) == mask(self.ip, self.prefix)
    }

    /// Whether all of another range is in it.
    pub(super) fn holds(self, other: Range) -> bool {
        self.prefix <= other.prefix && self.has(other.ip)
    }

    /// Whether an address is in both.
    pub(super) fn overlaps(self, other: Range) -> bool {
        self.holds(other) || other.holds(self)
    }

    /// The length of its addresses in bits.
    pub(super) fn bits(self) -> u8 {
        if self.ip.is_ipv4() { 32 } else { 128 }
    }

    /// The highest address.
    pub(super) fn last(self) -> IpAddr {
        self.host(u128::MAX)
    }

    /// The address with the last bits of another one.
    pub(super) fn moved(self, ip: IpAddr) -> Option<IpAddr> {
        (ip.is_ipv4() == self.ip.is_ipv4()).then(|| self.host(number(ip)))
    }

    /// Up to as many addresses on each side of one as are asked for, those above it first.
    pub(super) fn near(self, ip: IpAddr, most: u128) -> impl Iterator<Item = IpAddr> {
        let start = number(ip);
        let above = (1..=most).map_while(move |n| start.checked_add(n));
        let below = (1..=most).map_while(move |n| start.checked_sub(n));
        above.chain(below).filter_map(move |number| self.address(number)).filter(move |ip| self.has(*ip))
    }

    /// The address with these last bits.
    fn host(self, bits: u128) -> IpAddr {
        let free = u32::from(self.bits().saturating_sub(self.prefix));
        let hosts = u128::MAX.checked_shr(128 - free).unwrap_or(0);
        let network = number(mask(self.ip, self.prefix));
        self.address(network | bits & hosts).unwrap_or(self.ip)
    }

    fn address(self, number: u128) -> Option<IpAddr> {
        match self.ip {
            IpAddr::V4(_) => Some(IpAddr::V4(u32::try_from(number).ok()?.into())),
            IpAddr::V6(_) => Some(IpAddr::V6(number.into())),
        }
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(u32::from(ip)),
        IpAddr::V6(ip) => u128::from(ip),
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn range(net: &str, prefix: u8) -> Range {
        Range { ip: ip(net), prefix }
    }

    #[test]
    fn bounds() {
        for (net, prefix, last, inside, outside) in [
            ("10.0.0.0", 8, "10.255.255.255", "10.1.2.3", "11.0.0.0"),
            ("192.168.10.0", 24, "192.168.10.255", "192.168.10.9", "192.168.11.9"),
            ("10.0.0.4", 32, "10.0.0.4", "10.0.0.4", "10.0.0.5"),
            ("fd00::", 64, "fd00::ffff:ffff:ffff:ffff", "fd00::1", "10.0.0.1"),
            ("fd00::4", 128, "fd00::4", "fd00::4", "fd00::5"),
        ] {
            let net = range(net, prefix);
            assert_eq!(net.last(), ip(last));
            assert!(net.has(ip(inside)) && !net.has(ip(outside)), "{last}");
        }
        assert!(range("0.0.0.0", 0).has(ip("9.9.9.9")) && range("::", 0).has(ip("fd00::1")));
        assert_eq!(range("::", 0).last(), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
    }

    #[test]
    fn ranges_overlap_if_one_holds_the_other() {
        let (wide, pods) = (Range::v4([10, 0], 8), Range::v4([10, 244], 16));
        assert!(wide.overlaps(pods) && pods.overlaps(wide));
        assert!(wide.holds(pods) && !pods.holds(wide));
        assert!(!range("::", 0).overlaps(wide));
    }

    #[test]
    fn hosts_move_and_have_neighbours() {
        let lan = range("192.168.10.0", 24);
        assert_eq!(lan.moved(ip("10.9.8.7")), Some(ip("192.168.10.7")));
        assert_eq!(lan.moved(ip("fd00::7")), None);
        let near: Vec<IpAddr> = lan.near(ip("192.168.10.254"), 2).collect();
        assert_eq!(near, [ip("192.168.10.255"), ip("192.168.10.253"), ip("192.168.10.252")]);
        assert_eq!(range("255.255.255.255", 32).near(ip("255.255.255.255"), 2).count(), 0);
    }
}
