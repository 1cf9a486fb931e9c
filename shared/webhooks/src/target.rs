//! Where webhooks may go: nowhere inside.
//!
//! A URL is checked when it is saved, for what can be told from its text, and every address that
//! its host resolves to is checked again right before a connection is made to that very address.
//! So neither a name that leads inside nor one that changes its mind in between gets through.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

/// The longest URL, in bytes.
const URL_LEN_MAX: usize = 2048;

/// What is allowed beside public addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Whether loopback is, with or without TLS: in a sandbox.
    pub loopback: bool,
    /// An address that is never allowed, not even as loopback: that of the runtime that the
    /// sender itself runs on.
    pub forbidden: Option<SocketAddr>,
}

/// A URL to send to, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whether to use TLS.
    pub tls: bool,
    /// The name or the literal address.
    pub host: TargetHost,
    /// The port.
    pub port: u16,
    /// What the `Host` header says.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

/// The host of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetHost {
    /// A name to resolve.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl Policy {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// Why nothing may be sent there, as the end of a sentence that begins with the URL's field.
    pub fn target(&self, text: &str) -> Result<Target, &'static str> {
        if text.len() > URL_LEN_MAX {
            return Err("must be at most 2048 bytes long");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("must not contain spaces or control characters");
        }
        let url =
            Url::parse(text).map_err(|_| "must be a URL such as https://example.com/webhooks")?;
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("must begin with https://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password");
        }
        if url.fragment().is_some() {
            return Err("must not contain a fragment (#)");
        }
        let (host, is_local) = match url.host() {
            Some(Host::Domain(name)) => {
                // A name with its root's dot is the same name.
                let bare = name.strip_suffix('.').unwrap_or(name);
                let is_local = bare == "localhost" || bare.ends_with(".localhost");
                (TargetHost::Name(name.to_owned()), is_local)
            }
            Some(Host::Ipv4(address)) => {
                (TargetHost::Address(address.into()), address.is_loopback())
            }
            Some(Host::Ipv6(address)) => {
                (TargetHost::Address(address.into()), address.is_loopback())
            }
            None => return Err("must name a host"),
        };
        if !tls && !self.loopback {
            return Err("must begin with https://");
        }
        if !tls && !is_local {
            return Err("must begin with https://; plain http goes to localhost only");
        }
        if is_local && !self.loopback {
            return Err("must lead to a public host");
        }
        let port = url.port_or_known_default().unwrap_or(443);
        let target = Target {
            tls,
            port,
            authority: url.authority().to_owned(),
            path: match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            },
            host,
        };
        if let TargetHost::Address(address) = target.host {
            self.check(&target, address)?;
        }
        Ok(target)
    }

    /// Checks an address of the target's host.
    ///
    /// # Errors
    /// Why nothing may be sent there.
    pub fn check(&self, target: &Target, address: IpAddr) -> Result<SocketAddr, &'static str> {
        let address = address.to_canonical();
        if let Some(forbidden) = self.forbidden {
            let is_it = address == forbidden.ip().to_canonical() || address.is_loopback();
            if is_it && target.port == forbidden.port() {
                return Err("must not lead to the sender's own runtime");
            }
        }
        let is_allowed = match address.is_loopback() {
            true => self.loopback,
            false => target.tls && is_public(address),
        };
        match is_allowed {
            true => Ok(SocketAddr::new(address, target.port)),
            false => Err("must lead to a public address"),
        }
    }
}

/// Whether an address is on the public Internet, by the registries of special-purpose addresses
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, `-ipv6-`).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Blocks of IPv4 that are not for everybody: the first address, and the bits that are fixed.
const SPECIAL_V4: [([u8; 4], u32); 17] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Link-local, and the metadata services of AWS, Google and Azure.
    ([169, 254, 0, 0], 16),
    // Azure's own service address.
    ([168, 63, 129, 16], 32),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast; then what is reserved, with the broadcast address.
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    !SPECIAL_V4.iter().any(|(first, fixed)| {
        let mask = u32::MAX << (32 - fixed);
        bits & mask == u32::from(Ipv4Addr::from(*first)) & mask
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    match (a, b) {
        // Translated to IPv4 on the way (NAT64): what counts is where it comes out.
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => {
            let [[w, x], [y, z]] = [g.to_be_bytes(), h.to_be_bytes()];
            is_public_v4(Ipv4Addr::new(w, x, y, z))
        }
        // Protocol assignments: Teredo, benchmarks, ORCHIDs.
        (0x2001, 0..=0x1ff) => false,
        // Documentation, 6to4, documentation.
        (0x2001, 0xdb8) | (0x2002, _) => false,
        (0x3fff, 0..=0xfff) => false,
        // Whatever else is global unicast; nothing else is.
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Policy = Policy {
        loopback: false,
        forbidden: None,
    };
    const SANDBOX: Policy = Policy {
        loopback: true,
        forbidden: None,
    };

    #[test]
    fn addresses_table() {
        let inside = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "168.63.129.16",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ];
        let outside = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450::1",
        ];
        let target = LIVE.target("https://example.com/").expect("a target");
        for address in inside {
            let parsed: IpAddr = address.parse().expect(address);
            assert!(LIVE.check(&target, parsed).is_err(), "{address}");
            let literal = match parsed {
                IpAddr::V4(_) => format!("https://{address}/"),
                IpAddr::V6(_) => format!("https://[{address}]/"),
            };
            assert!(LIVE.target(&literal).is_err(), "{literal}");
            let in_sandbox = SANDBOX.check(&target, parsed).is_ok();
            assert_eq!(in_sandbox, parsed.to_canonical().is_loopback(), "{address}");
        }
        for address in outside {
            let parsed: IpAddr = address.parse().expect(address);
            let pinned = LIVE.check(&target, parsed).expect(address);
            assert_eq!(pinned, SocketAddr::new(parsed.to_canonical(), 443));
        }
    }

    #[test]
    fn urls_table() {
        let good = [
            "https://example.com",
            "https://example.com:8443/a?b=c",
            "https://8.8.8.8/",
            "https://[2606:4700::1]/",
            "https://bücher.example/",
            "https://EXAMPLE.com./",
        ];
        for url in good {
            assert!(LIVE.target(url).is_ok(), "{url}");
        }
        let bad = [
            "",
            "example.com",
            "ftp://example.com",
            "http://example.com/",
            "file:///etc/passwd",
            "https://",
            "https://u@example.com/",
            "https://u:p@example.com/",
            "https://example.com/#f",
            "https://exa mple.com/",
            "https://example.com/\r\nx",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://[::]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://１２７.0.0.1/",
            "https://example.com:99999/",
            "javascript:alert(1)",
            "gopher://example.com/",
        ];
        for url in bad {
            assert!(LIVE.target(url).is_err(), "{url}");
        }
        assert!(
            LIVE.target(&format!("https://example.com/{}", "x".repeat(2048)))
                .is_err()
        );
        for url in [
            "http://localhost:3000/",
            "http://127.0.0.1:3000/x",
            "http://[::1]:3000/",
            "https://localhost/",
            "https://example.com/",
        ] {
            assert!(SANDBOX.target(url).is_ok(), "{url}");
        }
        for url in [
            "http://example.com/",
            "http://10.0.0.1/",
            "https://10.0.0.1/",
            "http://0/",
        ] {
            assert!(SANDBOX.target(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_name_that_leads_inside_is_found_out_when_it_resolves() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let by_name = LIVE.target("https://rebound.example/").expect("a name");
        assert!(LIVE.check(&by_name, loopback).is_err());
        let plain = SANDBOX.target("http://localhost:1/").expect("a name");
        assert!(SANDBOX.check(&plain, loopback).is_ok());
        let public = IpAddr::from([8, 8, 8, 8]);
        assert!(
            SANDBOX.check(&plain, public).is_err(),
            "plain http stays here"
        );
        let policy = Policy {
            forbidden: Some(SocketAddr::from(([127, 0, 0, 1], 9001))),
            ..SANDBOX
        };
        for url in [
            "http://127.0.0.1:9001/",
            "http://127.0.0.2:9001/",
            "http://[::1]:9001/",
        ] {
            assert!(policy.target(url).is_err(), "{url}");
        }
        assert!(policy.target("http://127.0.0.1:9002/").is_ok());
        let parts = LIVE
            .target("https://Example.com:8443/a/b?c=d")
            .expect("a target");
        assert_eq!(
            (parts.authority.as_str(), parts.path.as_str()),
            ("example.com:8443", "/a/b?c=d")
        );
    }
}
