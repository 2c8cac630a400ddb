//! What a machine has of links after Talos has merged its levels, whatever form it is in.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::Value;

use crate::judge::Patch;

/// A link of a machine.
#[derive(Default, PartialEq, Debug)]
pub(super) struct Link {
    pub(super) there: bool,
    pub(super) dhcp: bool,
    pub(super) mtu: Option<u64>,
    pub(super) addresses: Vec<String>,
    /// The gateways of default routes.
    pub(super) routes: Vec<String>,
    pub(super) vips: Vec<String>,
    pub(super) members: Vec<String>,
}

/// What a machine has.
#[derive(Default, PartialEq, Debug)]
pub(super) struct Machine {
    pub(super) link: Link,
    pub(super) vlan: Link,
    /// Links that nobody spoke of.
    pub(super) others: BTreeSet<String>,
    pub(super) names: Vec<String>,
    pub(super) times: Vec<String>,
}

fn texts(value: &Value) -> Vec<String> {
    value.as_sequence().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn each(value: &Value, key: &str) -> Vec<String> {
    let items = value.as_sequence().into_iter().flatten();
    items.filter_map(|item| item.get(key)?.as_str().map(str::to_owned)).collect()
}

impl Machine {
    fn link_mut(&mut self, name: &str, id: &str) -> &mut Link {
        let vlan = format!("{name}.20");
        let link = if id == name {
            &mut self.link
        } else {
            if id != vlan {
                self.others.insert(id.to_owned());
            }
            &mut self.vlan
        };
        link.there = true;
        link
    }

    /// Reads a merged configuration; `name` is that of the link.
    pub(super) fn read(config: &str, name: &str) -> Machine {
        let mut out = Machine::default();
        for document in serde_yaml::Deserializer::from_str(config) {
            let value: Value = serde::Deserialize::deserialize(document).unwrap_or_default();
            match value.get("kind").and_then(Value::as_str) {
                None => out.v1alpha1(&value, name),
                Some(kind) => out.document(kind, &value, name),
            }
        }
        out
    }

    fn v1alpha1(&mut self, value: &Value, name: &str) {
        let network = &value["machine"]["network"];
        self.names.extend(texts(&network["nameservers"]));
        self.times.extend(texts(&value["machine"]["time"]["servers"]));
        for entry in network["interfaces"].as_sequence().into_iter().flatten() {
            // Whatever selects a device is the link that does.
            let id = entry.get("interface").and_then(Value::as_str).unwrap_or(name);
            self.link_mut(name, id).add(entry);
            for vlan in entry["vlans"].as_sequence().into_iter().flatten() {
                let id = format!("{id}.{}", vlan["vlanId"].as_u64().unwrap_or_default());
                self.link_mut(name, &id).add(vlan);
            }
        }
    }

    fn document(&mut self, kind: &str, value: &Value, name: &str) {
        let id = value["name"].as_str().unwrap_or_default().to_owned();
        match kind {
            "ResolverConfig" => self.names.extend(each(&value["nameservers"], "address")),
            "TimeSyncConfig" => self.times.extend(texts(&value["ntp"]["servers"])),
            "LinkConfig" | "BondConfig" | "BridgeConfig" | "VLANConfig" => {
                self.link_mut(name, &id).add(value)
            }
            "DHCPv4Config" => self.link_mut(name, &id).dhcp = true,
            "Layer2VIPConfig" => {
                let link = value["link"].as_str().unwrap_or_default();
                self.link_mut(name, link).vips.push(id);
            }
            _ => {}
        }
    }
}

impl Link {
    /// What an entry of either form says.
    fn add(&mut self, entry: &Value) {
        // Of two entries for one device both hold.
        self.dhcp |= entry["dhcp"].as_bool().unwrap_or_default();
        self.mtu = entry["mtu"].as_u64().filter(|mtu| *mtu != 0).or(self.mtu);
        self.addresses.extend(texts(&entry["addresses"]));
        self.addresses.extend(each(&entry["addresses"], "address"));
        for route in entry["routes"].as_sequence().into_iter().flatten() {
            let to =
                route.get("network").or(route.get("destination")).and_then(Value::as_str).unwrap_or_default();
            if matches!(to, "" | "0.0.0.0/0" | "::/0") {
                self.routes.extend(route["gateway"].as_str().map(str::to_owned));
            }
        }
        self.vips.extend(entry["vip"]["ip"].as_str().map(str::to_owned));
        self.members.extend(texts(&entry["links"]));
        for made in ["bond", "bridge"] {
            self.members.extend(texts(&entry[made]["interfaces"]));
        }
    }
}

/// The patches of the levels of each machine, in the order in which Omni merges them.
pub(super) fn patches(template: &str, control: bool) -> Vec<Patch> {
    let mut levels: BTreeMap<u8, Vec<Patch>> = BTreeMap::new();
    for document in serde_yaml::Deserializer::from_str(template) {
        let value: Value = serde::Deserialize::deserialize(document).unwrap_or_default();
        let name = value["name"].as_str().unwrap_or_default();
        let rank = match (value["kind"].as_str().unwrap_or_default(), control) {
            ("Cluster", _) => 0,
            ("ControlPlane", true) | ("Workers", false) => 1,
            ("Machine", _) if name.ends_with(if control { '1' } else { '2' }) => 2,
            _ => continue,
        };
        for patch in value["patches"].as_sequence().into_iter().flatten() {
            let inline = &patch["inline"];
            let documents: Vec<&Value> = match inline.as_sequence() {
                Some(list) => list.iter().collect(),
                None => vec![inline],
            };
            let texts: Vec<String> = documents
                .iter()
                .map(|document| serde_yaml::to_string(document).unwrap_or_default())
                .collect();
            let id = patch["idOverride"].as_str().unwrap_or_default();
            levels.entry(rank).or_default().push(Patch::new(id, &texts.join("---\n")));
        }
    }
    levels.into_values().flatten().collect()
}
