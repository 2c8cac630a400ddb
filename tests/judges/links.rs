//! Links of every shape: what each machine has after Talos has merged the levels, against what the words of the language mean.
//!
//! A program says a network, a link and an address in one combination of levels and forms. What must come out is worked out here
//! from the combination alone, and compared with the merged configuration that the judge of the minor prints.

#[path = "links/merged.rs"]
mod merged;

use std::collections::BTreeSet;

use libtest_mimic::Failed;
use talosc::driver;
use talosc::emit::File;
use talosc::source::loader::MemoryLoader;

use crate::examples::kubernetes;
use crate::judge::{Birth, Judges};
use merged::{Link, Machine, patches};

/// Where something is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    Nowhere,
    Network,
    Cluster,
    Role,
    Set,
    Machine,
}

/// How the link is named, or what it is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Named,
    Mac,
    Driver,
    Physical,
    Bond,
    Bridge,
}

/// How the machine gets its address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Given {
    Nothing,
    Dhcp,
    Field,
    FieldOnLink,
    List,
    VlanList,
    VlanField,
    VlanDhcp,
}

/// Who says the virtual address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Vip {
    Nobody,
    Network,
    Link,
}

/// One combination.
#[derive(Clone, Copy, Debug)]
struct Case {
    /// Where the network is named; `Nowhere`: only by addresses.
    named: At,
    /// Where the link is declared.
    link: At,
    kind: Kind,
    given: Given,
    vip: Vip,
    v6: bool,
    /// Whether the network has DHCP.
    dhcp: bool,
    /// Whether the network says how large packets are.
    mtu: bool,
    born: &'static str,
}

const NAMED: [At; 5] = [At::Nowhere, At::Cluster, At::Role, At::Set, At::Machine];
const LINK: [At; 6] = [At::Nowhere, At::Network, At::Cluster, At::Role, At::Set, At::Machine];
const KINDS: [Kind; 6] = [Kind::Named, Kind::Mac, Kind::Driver, Kind::Physical, Kind::Bond, Kind::Bridge];
const GIVEN: [Given; 8] = [
    Given::Nothing,
    Given::Dhcp,
    Given::Field,
    Given::FieldOnLink,
    Given::List,
    Given::VlanList,
    Given::VlanField,
    Given::VlanDhcp,
];
const VIPS: [Vip; 3] = [Vip::Nobody, Vip::Network, Vip::Link];

/// Every combination that can be written, for a minor: born with it and before documents of links.
fn cases(minor: &str) -> Vec<Case> {
    let births: &[&'static str] = match minor {
        "1.12" => &["1.11.0", "1.12.0"],
        "1.13" => &["1.11.0", "1.13.0"],
        _ => &["1.9.0"],
    };
    let mut out = Vec::new();
    for born in births {
        for named in NAMED {
            for link in LINK {
                for kind in KINDS {
                    for given in GIVEN {
                        for vip in VIPS {
                            for bits in 0..8u8 {
                                let (v6, dhcp, mtu) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
                                let case = Case { named, link, kind, given, vip, v6, dhcp, mtu, born };
                                if case.can_be_written() {
                                    out.push(case);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    out
}

impl Case {
    fn documents(&self) -> bool {
        !matches!(self.born, "1.9.0" | "1.11.0")
    }

    fn can_be_written(&self) -> bool {
        let of_link = !matches!(self.given, Given::Nothing | Given::Field);
        let said = self.link != At::Nowhere;
        let one_kind = said || self.kind == Kind::Named;
        // What nobody names is not used.
        let used = self.named != At::Nowhere || self.is_static();
        (said || !of_link && self.vip != Vip::Link) && one_kind && used
    }

    fn is_static(&self) -> bool {
        !matches!(self.given, Given::Nothing | Given::Dhcp | Given::VlanDhcp)
    }

    fn on_vlan(&self) -> bool {
        matches!(self.given, Given::VlanList | Given::VlanField | Given::VlanDhcp)
    }

    fn name(&self) -> &'static str {
        match (self.link, self.kind) {
            (At::Nowhere, _) => "net0",
            (_, Kind::Named) => "eth7",
            (_, Kind::Mac | Kind::Driver | Kind::Physical) => "up",
            (_, Kind::Bond) => "bond0",
            (_, Kind::Bridge) => "br0",
        }
    }

    fn address(&self, control: bool) -> String {
        let host = if control { 5 } else { 6 };
        if self.v6 { format!("fd00::{host}/64") } else { format!("10.0.0.{host}/24") }
    }

    fn gateway(&self) -> &'static str {
        if self.v6 { "fd00::ff" } else { "10.0.0.1" }
    }

    fn vip(&self) -> &'static str {
        if self.v6 { "fd00::9" } else { "10.0.0.9" }
    }

    // ---- the program ----------------------------------------------------------------------------------------------------

    /// What is said inside of the link where it is declared.
    fn declaration(&self, control: bool) -> String {
        let made = match self.kind {
            Kind::Named => "",
            Kind::Mac if control => "mac = 3c:ec:ef:1a:2b:40\n",
            Kind::Mac => "mac = 3c:ec:ef:1a:2b:41\n",
            Kind::Driver => "driver = \"virtio*\"\n",
            Kind::Physical => "physical = true\n",
            Kind::Bond => "bond { mode = active-backup, links = [eth0, eth1], miimon = 100 }\n",
            Kind::Bridge => "bridge = [eth0, eth1]\n",
        };
        let vip = match self.vip {
            Vip::Link if control => format!("vip = {}\n", self.vip()),
            _ => String::new(),
        };
        made.to_owned() + &vip
    }

    /// What is said at a level.
    fn says(&self, at: At, control: bool) -> String {
        let (mut out, mut link) = (String::new(), None);
        if self.named == at {
            out += "network = lan\n";
        }
        if self.link == at {
            link = Some(self.declaration(control || matches!(at, At::Network | At::Cluster)));
        }
        if at == At::Machine {
            let (name, address) = (self.name(), self.address(control));
            let on = |place: String| format!("address = {address} on {place}\n");
            out += &match self.given {
                Given::Field => on("lan".to_owned()),
                Given::FieldOnLink => on(format!("lan.{name}")),
                Given::VlanField => on(format!("lan.{name}.20")),
                _ => String::new(),
            };
            let inner = match self.given {
                Given::Dhcp => Some("dhcp = true\n".to_owned()),
                Given::List => Some(format!("addresses = [{address} on lan]\n")),
                Given::VlanList => Some(format!("vlan 20 {{ addresses = [{address} on lan] }}\n")),
                Given::VlanField => Some("vlan 20 {}\n".to_owned()),
                Given::VlanDhcp => Some("vlan 20 { dhcp = true }\n".to_owned()),
                Given::Nothing | Given::Field | Given::FieldOnLink => None,
            };
            link = inner.map(|inner| link.clone().unwrap_or_default() + &inner).or(link);
        }
        match link {
            Some(inner) => out + &format!("link {} {{\n{inner}}}\n", self.name()),
            None => out,
        }
    }

    fn program(&self, minor: &str) -> String {
        let subnet = if self.v6 { "fd00::/64" } else { "10.0.0.0/24" };
        let mut network = format!("subnet = {subnet}, gateway = {}, dhcp = {}\n", self.gateway(), self.dhcp);
        network += "nameservers = [10.0.0.2], timeservers = [\"t.example.net\"]\n";
        if self.vip == Vip::Network {
            network += &format!("vip = {}\n", self.vip());
        }
        if self.mtu {
            network += "mtu = 1400\n";
        }
        network += &self.says(At::Network, true);
        let mut out = format!("network lan {{\n{network}}}\n");
        for (control, digit) in [(true, 1), (false, 2)] {
            let name = if control { "c" } else { "w" };
            out += &format!("role {name} {{\n{}}}\n", self.says(At::Role, control));
            let own = self.says(At::Machine, control);
            out += &format!("machine {name} {{\nid = 4c4c4544-0031-4210-8052-b4c04f4b300{digit}\n{own}}}\n");
        }
        out += &format!(
            "cluster c {{\ntalos = v{minor}.2, created-with = v{}, kubernetes = v{}\n{}\
             controlplane {{ role = c, machines = [c]\n{}}}\nworkers {{ role = w, machines = [w]\n{}}}\n}}\n",
            self.born,
            kubernetes(minor),
            self.says(At::Cluster, true),
            self.says(At::Set, true),
            self.says(At::Set, false),
        );
        out
    }

    // ---- what must come out ---------------------------------------------------------------------------------------------

    /// Whether lan's DHCP is what the link itself goes by: it is declared by the network, or there is none at all.
    fn of_network(&self) -> bool {
        matches!(self.link, At::Network | At::Nowhere)
    }

    fn wanted(&self, control: bool) -> Machine {
        let (mut link, mut vlan) = (Link::default(), Link::default());
        // The virtual address is with the address on the network, or where one would go.
        let place = if self.on_vlan() && self.is_static() { &mut vlan } else { &mut link };
        if self.is_static() {
            place.addresses.push(self.address(control));
            place.routes.push(self.gateway().to_owned());
        }
        if control && self.vip == Vip::Network {
            place.vips.push(self.vip().to_owned());
        }
        if control && self.vip == Vip::Link {
            link.vips.push(self.vip().to_owned());
        }
        // So is the size of packets; a link that the network declares is on it whatever else is.
        if self.mtu && (self.link == At::Network || !(self.is_static() && self.on_vlan())) {
            link.mtu = Some(1400);
        }
        if self.mtu && self.is_static() && self.on_vlan() {
            vlan.mtu = Some(1400);
        }
        vlan.dhcp = self.given == Given::VlanDhcp;
        let made = matches!(self.kind, Kind::Bond | Kind::Bridge);
        let configured = made || self.on_vlan() || link.mtu.is_some() || !link.vips.is_empty();
        let asks_by_network = self.of_network() && self.dhcp && configured;
        link.dhcp = self.given == Given::Dhcp || asks_by_network && link.addresses.is_empty();
        link.there = self.link != At::Nowhere && self.link != At::Network || configured || link.dhcp;
        link.there |= !link.addresses.is_empty();
        vlan.there = self.on_vlan();
        if made {
            link.members = vec!["eth0".to_owned(), "eth1".to_owned()];
        }
        Machine {
            link,
            vlan,
            others: BTreeSet::new(),
            names: vec!["10.0.0.2".to_owned()],
            times: vec!["t.example.net".to_owned()],
        }
    }

    /// The error that there must be, if any.
    fn error(&self) -> Option<&'static str> {
        let machines = [true, false].map(|control| self.wanted(control));
        let asks = |machine: &Machine| machine.link.dhcp || machine.vlan.dhcp;
        if !self.is_static() && self.named != At::Nowhere && !self.dhcp && !machines.iter().all(asks) {
            return Some("no-address");
        }
        let out = |machine: &Machine| self.is_static() || asks(machine) || !machine.link.there;
        (self.documents() && !machines.iter().all(out)).then_some("no-uplink")
    }

    /// Levels of the v1alpha1 document cannot change what is said of any physical interface.
    fn may_be_unnamed(&self) -> bool {
        let any = self.link == At::Nowhere || self.kind == Kind::Physical;
        any && (!self.documents() || self.link == At::Nowhere)
    }
}

/// How many combinations are between two that are judged in every run; all of them are with `TALOSC_EVERY_LINK=1`.
const STRIDE: usize = 41;

/// Judges the combinations of a minor.
#[allow(clippy::print_stdout, reason = "a table says how much of it was judged")]
pub(crate) fn table(judges: &mut Judges, minor: &str) -> Result<(), Failed> {
    let all = cases(minor);
    let every = std::env::var_os("TALOSC_EVERY_LINK").is_some();
    let chosen: Vec<&Case> = all.iter().step_by(if every { 1 } else { STRIDE }).collect();
    let (mut refused, mut wrong) = (0, Vec::new());
    for case in &chosen {
        match judge(judges, case, minor) {
            Ok(true) => {}
            Ok(false) => refused += 1,
            Err(error) => wrong.push(format!("{case:?}: {error}")),
        }
    }
    println!(
        "links on {minor}: {} of {} combinations, {refused} refused as they must be",
        chosen.len(),
        all.len()
    );
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n")).into())
}

/// Whether a combination gives the machines that it must give; `false` if it is an error, as it must be.
fn judge(judges: &mut Judges, case: &Case, minor: &str) -> Result<bool, String> {
    let program = case.program(minor);
    let loader = MemoryLoader { files: [("cluster.talos".to_owned(), program.clone())].into() };
    let compilation = driver::compile(&loader, &["cluster.talos".to_owned()]);
    let found: BTreeSet<&str> = compilation.findings.iter().map(|finding| finding.code.name()).collect();
    let unnamed = found.contains("link-unnamed") && case.may_be_unnamed();
    match (case.error(), found.iter().next()) {
        _ if unnamed => return Ok(false),
        (Some(code), Some(first)) if code == *first && found.len() == 1 => return Ok(false),
        (None, None) => {}
        (wanted, _) => return Err(format!("expected {wanted:?}, found {found:?} in\n{program}")),
    }
    let document = compilation.documents.iter().find(|document| document.path.contains("template"));
    let document = document.ok_or("no template")?;
    let text = File::new(&document.path, "cluster.talos", &document.nodes).text;
    for control in [true, false] {
        let role = if control { "controlplane" } else { "worker" };
        let birth = Birth { role, born: case.born, kubernetes: kubernetes(minor) };
        let judgement = judges.minor(minor, birth, &patches(&text, control))?;
        if !judgement.ok {
            return Err(format!("{role}: {:?} of\n{program}\n{text}", judgement.errors));
        }
        let mut got = Machine::read(judgement.config.as_deref().unwrap_or_default(), case.name());
        // A level above the machine does not know of its VLAN yet: then the link, too, may say how large packets are.
        if case.is_static() && case.on_vlan() && case.link != At::Network {
            got.link.mtu = None;
        }
        let wanted = case.wanted(control);
        if got != wanted {
            return Err(format!("{role}: wanted {wanted:?}\ngot {got:?} of\n{program}\n{text}"));
        }
    }
    Ok(true)
}
