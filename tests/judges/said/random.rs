//! Programs made by chance: what a node may say, on every level, for every birth and target, with patches in blocks and in files.
//!
//! Each level takes some fields of the table and some patches; what is refused there is taken out. The choices come from one number,
//! which a failure names.

use super::fields::ROWS;
use super::program::{Item, Level, Program};
use super::sweep::Said;

/// Lines of a cluster alone; `@` is a number that no other line has.
const CLUSTER: &[&str] = &[
    "cert-sans = [\"api@.example.org\"]",
    "pod-subnets = [10.1@.0.0/16]",
    "schedule-on-control-planes = true",
    "metrics = true",
    "kube-proxy = false",
    "cni = none, allow(cni-unexplained, \"a test\")",
    "extra-manifests = [\"https://example.org/v1/@.yaml\"]",
];

/// Patches as YAML, each one document or more; `@` as above. What Talos joins in ways of its own comes often.
const PATCHES: &[&str] = &[
    "machine:\n  sysctls:\n    net.core.somaxconn: @\n    vm.zero: 0\n",
    "machine:\n  sysctls:\n    net.core.somaxconn: \"\"\n",
    "machine:\n  env:\n    A: \"@\"\n    B: \"\"\n",
    "machine:\n  nodeLabels:\n    same: \"@\"\n",
    "machine:\n  nodeLabels:\n    same: \"\"\n",
    "machine:\n  certSANs:\n    - s@.example.org\n",
    "machine:\n  certSANs: []\n",
    "machine:\n  kubelet:\n    extraArgs:\n      same: \"@\"\n    extraConfig:\n      maxPods: 0\n      list: [a@]\n      block:\n        x@: 1\n",
    "machine:\n  kubelet:\n    extraConfig:\n      list: [b@]\n      block:\n        y: @\n",
    "machine:\n  kubelet:\n    image: example.org/kubelet:v@\n",
    "machine:\n  kubelet:\n    image: \"\"\n",
    "machine:\n  kernel:\n    modules:\n      - name: k@\n        parameters: [a=1]\n",
    "machine:\n  features:\n    kubePrism:\n      enabled: false\n      port: 0\n",
    "machine:\n  features:\n    diskQuotaSupport: false\n",
    "machine:\n  install:\n    wipe: true\n    image: example.org/installer:v@\n",
    "machine:\n  time:\n    bootTimeout: @m\n",
    "machine:\n  time:\n    bootTimeout: 0s\n",
    "machine:\n  files:\n    - path: /var/f@\n      op: create\n      permissions: 0o644\n      content: x\n",
    "machine:\n  udev:\n    rules:\n      - SUBSYSTEM==\"x@\"\n",
    "machine:\n  registries:\n    mirrors:\n      same.example.org:\n        endpoints: [https://e@.example.org]\n        overridePath: true\n",
    "machine:\n  nodeLabels:\n    same:\n      $patch: delete\n  env:\n    C: \"@\"\n",
    "machine:\n  features:\n    hostDNS:\n      $patch: delete\n",
    "cluster:\n  network:\n    podSubnets: [10.2@.0.0/16]\n",
    "cluster:\n  apiServer:\n    extraArgs:\n      same: \"@\"\n    certSANs: [c@.example.org]\n",
    "cluster:\n  apiServer:\n    admissionControl:\n      - name: PodSecurity\n        configuration:\n          defaults:\n            enforce: privileged\n          exemptions:\n            namespaces: [n@]\n",
    "cluster:\n  apiServer:\n    admissionControl:\n      - name: Other@\n        configuration:\n          a: 1\n",
    "cluster:\n  apiServer:\n    auditPolicy:\n      apiVersion: audit.k8s.io/v1\n      kind: Policy\n      rules:\n        - level: None\n",
    "cluster:\n  extraManifests:\n    - https://example.org/v1/p@.yaml\n",
    "cluster:\n  inlineManifests:\n    - name: m@\n      contents: |\n        apiVersion: v1\n        kind: Namespace\n        metadata:\n          name: n@\n",
    "cluster:\n  discovery:\n    enabled: false\n",
    "cluster:\n  proxy:\n    disabled: true\n",
    "apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: same\nurl: tcp://h@.example.org:1/\n",
    "apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: same\nurl: udp://h@.example.org:2/x?y=1\n",
    "apiVersion: v1alpha1\nkind: WatchdogTimerConfig\ndevice: /dev/watchdog0\ntimeout: @m\n",
    "apiVersion: v1alpha1\nkind: WatchdogTimerConfig\ndevice: /dev/watchdog1\n",
    "apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nprovisioning:\n  diskSelector:\n    match: disk.size > @u\n  minSize: 1@GB\n",
    "apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nprovisioning:\n  maxSize: 5@GB\n",
    "apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nprovisioning:\n  grow: false\n",
    "apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: same\nconfigFiles:\n  - content: a@\n    mountPath: /etc/a\nenvironment: [A=@]\n",
    "apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: same\nconfigFiles:\n  - content: b@\n    mountPath: /etc/b@\n",
    "apiVersion: v1alpha1\nkind: NetworkRuleConfig\nname: same\nportSelector:\n  ports: [1@]\n  protocol: tcp\ningress:\n  - subnet: 10.@.0.0/16\n",
    "apiVersion: v1alpha1\nkind: EventSinkConfig\nendpoint: 10.0.0.@:80\n",
    "apiVersion: v1alpha1\nkind: PCIDriverRebindConfig\nname: 0000:04:00.00\ntargetDriver: vfio-pci\n",
    "apiVersion: v1alpha1\nkind: OOMConfig\nsampleInterval: @s\n",
    "apiVersion: v1alpha1\nkind: ZswapConfig\nmaxPoolPercent: @\n",
    "apiVersion: v1alpha1\nkind: ZswapConfig\nmaxPoolPercent: 0\nshrinkerEnabled: true\n",
    "apiVersion: v1alpha1\nkind: TimeSyncConfig\nntp:\n  servers: [n@.example.org]\n",
    "apiVersion: v1alpha1\nkind: ResolverConfig\nsearchDomains:\n  domains: [d@.example.org]\n",
    "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: same\nprovisioning:\n  diskSelector:\n    match: system_disk\n  minSize: @GB\n---\nmachine:\n  env:\n    D: \"@\"\n",
    "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: same\nprovisioning:\n  maxSize: 4@GB\n",
    "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: same\nprovisioning:\n  maxSize: 45%\n",
    "apiVersion: v1alpha1\nkind: HostnameConfig\n$patch: delete\n",
];

/// The minors that are targets here.
const MINORS: std::ops::RangeInclusive<u64> = 9..=13;

/// Choices from a number.
pub(super) struct Dice {
    seed: u64,
    count: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice { seed: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1), count: 0 }
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % sides
    }

    fn sample(&mut self, from: &[&str]) -> String {
        let at = self.roll(from.len() as u64) as usize;
        self.count += 1;
        from[at].replace('@', &(self.count % 100).to_string())
    }
}

/// A program, and what it says.
pub(super) fn program(seed: u64) -> (Program, Vec<Item>) {
    let mut dice = Dice::new(seed);
    let target = *MINORS.start() + dice.roll(MINORS.end() - MINORS.start() + 1);
    let born = *MINORS.start() + dice.roll(target - MINORS.start() + 1);
    let omni = if dice.roll(4) == 0 && target < 13 { 7 } else { 10 };
    let name = format!("c-{}", seed % 97);
    let positional = dice.roll(4) == 0;
    let mut items = Vec::new();
    for level in Level::ALL {
        let most = if level == Level::Cluster { 3 } else { 2 };
        say(&mut dice, level, most, &mut items);
    }
    (Program { name, target, born, omni, positional }, items)
}

/// Some fields and some patches of a level.
fn say(dice: &mut Dice, level: Level, most: u64, items: &mut Vec<Item>) {
    let plain = |line: String, file| Item { level, mark: "no mark".into(), top: String::new(), line, file };
    for _ in 0..dice.roll(most + 1) {
        if level == Level::Cluster && dice.roll(2) == 0 {
            items.push(plain(dice.sample(CLUSTER), None));
            continue;
        }
        let row = dice.roll(ROWS.len() as u64) as usize;
        let choice = dice.roll(7) as usize;
        items.push(Said { row, level, number: items.len(), choice, again: None }.item());
    }
    for _ in 0..dice.roll(most + 1) {
        let patch = dice.sample(PATCHES);
        let path = format!("patches/{}.yaml", items.len());
        items.push(plain(format!("patch file-{} file \"{path}\"", items.len()), Some((path, patch))));
    }
    if dice.roll(2) == 0 {
        let n = dice.roll(50);
        let line = format!(
            "patch block-{} {{ machine.env.E = \"{n}\", machine.sysctls.\"net.y\" = {n} }}",
            items.len()
        );
        items.push(plain(line, None));
    }
}
