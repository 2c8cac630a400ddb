//! The table of codes: every kind of finding that the compiler itself can make.
//!
//! A code is a name in kebab-case that reads well in `allow(name, "why")`. Codes are never reused. Rules that are declared as
//! `invariant` items, in the standard library or by a user, bring their own names; see [`Code::Invariant`].

use super::Severity;
use crate::text::Text;

/// What may be done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeLevel {
    /// omnictl, Omni, Talos, the provider or the language itself cannot accept it: never silenced.
    Refusal,
    /// Accepted by all of them, but it cannot work as declared: silenced by `allow(name, "why")`.
    Defect,
    /// Like a defect, but never silenced (secrets).
    Secret,
    /// Advice: silenced by `allow(name, "why")`.
    Advice,
}

impl CodeLevel {
    /// Error or warning.
    pub fn severity(self) -> Severity {
        match self {
            CodeLevel::Refusal | CodeLevel::Defect | CodeLevel::Secret => Severity::Error,
            CodeLevel::Advice => Severity::Warning,
        }
    }
    /// The word for it in documents.
    pub fn word(self) -> &'static str {
        match self {
            CodeLevel::Refusal => "refusal",
            CodeLevel::Defect => "defect",
            CodeLevel::Secret => "secret",
            CodeLevel::Advice => "advice",
        }
    }
    /// Whether `allow` can silence it.
    pub fn can_allow(self) -> bool {
        matches!(self, CodeLevel::Defect | CodeLevel::Advice)
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $level:ident;)+) => {
        /// The name of a kind of finding.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
            /// A rule that an `invariant` item declares, by its name.
            Invariant(Text, InvariantLevel),
        }
        impl Code {
            /// The codes of the compiler itself, in the order of the table.
            pub const ALL: &[Code] = &[$(Code::$variant,)+];
            /// The stable name.
            pub fn name(&self) -> &str {
                match self {
                    $(Code::$variant => $name,)+
                    Code::Invariant(name, _) => name,
                }
            }
            /// What may be done about it.
            pub fn level(&self) -> CodeLevel {
                match self {
                    $(Code::$variant => CodeLevel::$level,)+
                    Code::Invariant(_, InvariantLevel::Error) => CodeLevel::Defect,
                    Code::Invariant(_, InvariantLevel::Warning) => CodeLevel::Advice,
                }
            }
            /// One line on what it is.
            pub fn summary(&self) -> &'static str {
                match self {
                    $(Code::$variant => concat!($($doc),+).trim_ascii(),)+
                    Code::Invariant(..) => "a rule declared as an `invariant`",
                }
            }
            /// The page that `talosc explain` prints.
            pub fn page(&self) -> Option<&'static str> {
                match self {
                    $(Code::$variant => Some(include_str!(concat!("pages/", $name, ".md"))),)+
                    Code::Invariant(..) => None,
                }
            }
        }
    };
}

/// The `level` of an `invariant` item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InvariantLevel {
    /// A defect.
    Error,
    /// Advice.
    Warning,
}

codes! {
    /// text that is not part of the language
    Syntax = "syntax", Refusal;
    /// a bracket or a string that is never closed, or closes nothing
    Unclosed = "unclosed", Refusal;
    /// brackets, imports or inheritance nested deeper than the language allows
    TooDeep = "too-deep", Refusal;
    /// a few lines that come to more than the compiler works out
    TooMuch = "too-much", Refusal;
    /// more findings than are kept
    FindingsLeftOut = "findings-left-out", Advice;
    /// a word that starts no declaration
    UnknownKind = "unknown-kind", Refusal;
    /// a word such as `override` or `abstract` where it means nothing
    MisplacedMark = "misplaced-mark", Refusal;
    /// a declaration without a name
    NameMissing = "name-missing", Refusal;
    /// one name declared twice
    DuplicateDeclaration = "duplicate-declaration", Refusal;
    /// an import of a std module that does not exist
    UnknownModule = "unknown-module", Refusal;
    /// an import path that is neither relative nor of the standard library
    ImportNotRelative = "import-not-relative", Refusal;
    /// files that import each other in a circle
    ImportCycle = "import-cycle", Refusal;
    /// an import that nothing is taken from
    UnusedImport = "unused-import", Advice;
    /// a file that is named but not there
    FileNotFound = "file-not-found", Refusal;
    /// a path or a link that leads out of the project
    FileOutsideProject = "file-outside-project", Refusal;
    /// a file name that differs in case from the real one
    FileWrongCase = "file-wrong-case", Refusal;
    /// a directory or a device where a file is needed
    FileNotAFile = "file-not-a-file", Refusal;
    /// a file that is larger than the compiler reads
    FileTooLarge = "file-too-large", Refusal;
    /// a file that is not UTF-8 text
    FileNotUtf8 = "file-not-utf8", Refusal;
    /// a file or directory that the system does not let us read
    FileUnreadable = "file-unreadable", Refusal;
    /// a parameter that is not `name: Type`
    BadParameter = "bad-parameter", Refusal;
    /// a type that does not exist
    UnknownType = "unknown-type", Refusal;
    /// a parameter that nothing uses
    UnusedParameter = "unused-parameter", Advice;
    /// a parameter or `let` in a text between `'`, where it is not put in
    NotPutIn = "not-put-in", Advice;
    /// more than one parent after `extends`
    SecondParent = "second-parent", Refusal;
    /// a name that nothing declares
    UnknownName = "unknown-name", Refusal;
    /// a value of another type than the field takes
    WrongType = "wrong-type", Refusal;
    /// a `let` whose value needs itself
    LetCycle = "let-cycle", Refusal;
    /// declarations that inherit from each other in a circle
    InheritanceCycle = "inheritance-cycle", Refusal;
    /// an abstract declaration where a whole one is needed
    AbstractUsed = "abstract-used", Refusal;
    /// a name that could be a parameter or a value
    AmbiguousName = "ambiguous-name", Refusal;
    /// an argument that the declaration does not take, or one that is missing
    BadArgument = "bad-argument", Refusal;
    /// an `allow` that is not understood
    BadAllow = "bad-allow", Refusal;
    /// a field that does not exist
    UnknownField = "unknown-field", Refusal;
    /// a dotted path through a map
    PathThroughMap = "path-through-map", Refusal;
    /// a name or key that cannot stand where it does
    BadName = "bad-name", Refusal;
    /// a field that must be set and is not
    RequiredField = "required-field", Refusal;
    /// a size with half a unit, such as `8G`
    LooseSize = "loose-size", Refusal;
    /// text that does not have the form that is needed
    BadText = "bad-text", Refusal;
    /// a number or size outside of its bounds
    OutOfBounds = "out-of-bounds", Refusal;
    /// a size that is not a whole number of the unit it is written in
    InexactUnit = "inexact-unit", Refusal;
    /// text without quotes
    UnquotedText = "unquoted-text", Refusal;
    /// a network with host bits
    HostBits = "host-bits", Refusal;
    /// a declaration of a field that is not understood
    BadSchema = "bad-schema", Refusal;
    /// an inherited value replaced without `override`
    InheritedValue = "inherited-value", Refusal;
    /// an `override` of something that is not inherited
    OverridesNothing = "overrides-nothing", Refusal;
    /// a change of something that an ancestor made final
    FinalReplaced = "final-replaced", Refusal;
    /// one field written twice in a body
    SetTwice = "set-twice", Refusal;
    /// one element twice in a list
    ElementTwice = "element-twice", Advice;
    /// something taken away, unset or removed that is not there
    TakesNothing = "takes-nothing", Refusal;
    /// mixins that set one field differently
    MixinsDisagree = "mixins-disagree", Refusal;
    /// something taken back that a higher level has written
    EmittedAbove = "emitted-above", Refusal;
    /// a cluster and a role that set one field differently
    LevelsDisagree = "levels-disagree", Refusal;
    /// a condition on something that decides which version conditions ask for
    ConditionTooEarly = "condition-too-early", Refusal;
    /// a role, mixin or patch that does not hold for the Talos of a cluster that names it
    BringsNothing = "brings-nothing", Defect;
    /// a cluster without control planes
    NoControlPlane = "no-control-plane", Refusal;
    /// machines that come from a class and from a list
    ClassAndMachines = "class-and-machines", Refusal;
    /// a class without a size, or a size without a class
    SizeMissing = "size-missing", Refusal;

    // Versions and output.
    /// a file that asks for another version of talosc
    TaloscVersion = "talosc-version", Refusal;
    /// a cluster that changes its minor of Talos and does not say which one it was created with
    CreatedWithMissing = "created-with-missing", Refusal;
    /// an upgrade or downgrade that skips a minor
    UpgradeSkipsMinor = "upgrade-skips-minor", Advice;
    /// a change of Kubernetes that Omni makes in no step
    KubernetesStep = "kubernetes-step", Refusal;
    /// a set that goes from listed machines to a class, or back
    SetSourceChanged = "set-source-changed", Refusal;
    /// a machine that goes from one set of a cluster to another
    MachineChangesSet = "machine-changes-set", Refusal;
    /// a locked machine that leaves its set
    LockedMachineRemoved = "locked-machine-removed", Refusal;
    /// disks of a cluster that exists, encrypted or no longer
    EncryptionChanged = "encryption-changed", Refusal;
    /// control planes that would be made from another backup
    BootstrapChanged = "bootstrap-changed", Refusal;
    /// one template for several clusters
    TemplateShared = "template-shared", Refusal;
    /// a file in the way of the output that this build may not replace
    OutputNotOurs = "output-not-ours", Refusal;
    /// two files of the output that cannot stand side by side
    OutputClash = "output-clash", Refusal;
    /// a file of the output with a name that not every system takes
    BadFileName = "bad-file-name", Refusal;
    /// output that is not what the sources say
    OutputOutdated = "output-outdated", Refusal;
    /// a source that is not as the formatter writes it
    NotFormatted = "not-formatted", Refusal;

    // Machines and networks.
    /// an address on a link that nothing declares
    UnknownLink = "unknown-link", Refusal;
    /// an address that several links could carry
    AmbiguousLink = "ambiguous-link", Refusal;
    /// an install disk where this Omni takes none
    InstallNeedsMachine = "install-needs-machine", Refusal;
    /// kernel arguments of the installer where Talos takes those of its image
    InstallArgsRefused = "install-args-refused", Refusal;
    /// kernel arguments of the installer for machines that boot without GRUB
    InstallArgsIgnored = "install-args-ignored", Advice;
    /// mounts of the kubelet in a cluster whose Talos has no form for them
    MountsWithoutForm = "mounts-without-form", Refusal;
    /// one thing said in the v1alpha1 document and in a document of its own
    TwoForms = "two-forms", Refusal;
    /// the deletion of something that the machine does not have
    DeletesNothing = "deletes-nothing", Refusal;
    /// two values that Talos cannot make one of
    MergeRefused = "merge-refused", Refusal;
    /// an address that two machines of a cluster have
    AddressTaken = "address-taken", Defect;
    /// an address that machines of two clusters have
    AddressShared = "address-shared", Advice;
    /// an address outside of the subnet of its network
    AddressOutside = "address-outside", Defect;
    /// an address that the network keeps for something else
    AddressReserved = "address-reserved", Defect;
    /// an address on another network than the one the machine names
    OtherNetwork = "other-network", Advice;
    /// machines that get no address from anyone
    NoAddress = "no-address", Defect;
    /// a host name that two machines of a cluster have
    HostnameTaken = "hostname-taken", Defect;
    /// a host name that machines of two clusters have
    HostnameShared = "hostname-shared", Advice;
    /// a virtual address on workers
    VipOnWorkers = "vip-on-workers", Refusal;
    /// a virtual address on a network without control planes
    VipUnused = "vip-unused", Advice;
    /// a device that two links are for
    LinkTwice = "link-twice", Defect;
    /// a part of a bond or bridge with addresses of its own
    MemberAddressed = "member-addressed", Refusal;
    /// a link whose name Talos needs and does not get
    LinkUnnamed = "link-unnamed", Refusal;

    // Omni.
    /// a patch or manifest with two contents, or with none
    TwoContents = "two-contents", Refusal;
    /// YAML that cannot be read
    BadYaml = "bad-yaml", Refusal;
    /// a text that Omni or Talos would refuse or change
    TextNotCarried = "text-not-carried", Refusal;
    /// a patch that is a list of operations
    JsonPatch = "json-patch", Refusal;
    /// a patch that says nothing
    EmptyPatch = "empty-patch", Refusal;
    /// one document twice in a patch
    DocumentTwice = "document-twice", Refusal;
    /// a patch that sets what Omni sets itself
    OmniOwned = "omni-owned", Refusal;
    /// a patch that sets a secret of the cluster, which Omni makes itself
    OmniOwnedSecret = "omni-owned-secret", Secret;
    /// a patch with the name of a field that becomes one
    ReservedPatchName = "reserved-patch-name", Refusal;
    /// two patches of one level that set one field differently
    PatchesDisagree = "patches-disagree", Refusal;
    /// two elements of a list that Talos tells apart by a field, with one value of it
    KeyTwice = "key-twice", Refusal;
    /// two things that would get one id in Omni
    IdTwice = "id-twice", Refusal;
    /// a label or annotation under a prefix that is Omni's own
    ReservedLabel = "reserved-label", Refusal;
    /// labels of a machine, which Omni neither shows nor matches
    MachineLabels = "machine-labels", Advice;
    /// a label of Kubernetes nodes on a resource of Omni
    NodeLabelOnResource = "node-label-on-resource", Advice;
    /// a file that is referenced and does not lie beside the template
    FileOutsideTemplate = "file-outside-template", Refusal;
    /// something that the release of Omni does not have
    NotInThisOmni = "not-in-this-omni", Refusal;
    /// a label selector that cannot be read
    BadSelector = "bad-selector", Refusal;
    /// a label selector that matches nothing, or everything
    PointlessSelector = "pointless-selector", Advice;
    /// a class that does not say where its machines come from, or says it twice
    ClassSource = "class-source", Refusal;
    /// a class that wants machines from a provider that makes none
    StaticProvider = "static-provider", Refusal;
    /// kernel arguments for machines of a class that cannot take them
    KernelArgsOfClass = "kernel-args-of-class", Refusal;
    /// a kernel argument that Omni sets itself
    OmniKernelArg = "omni-kernel-arg", Refusal;
    /// more or longer than Omni takes
    OmniLimit = "omni-limit", Refusal;
    /// one machine in two sets of a cluster
    MachineInTwoSets = "machine-in-two-sets", Refusal;
    /// one machine in two clusters
    MachineInTwoClusters = "machine-in-two-clusters", Advice;
    /// a control plane that is locked
    LockedControlPlane = "locked-control-plane", Refusal;
    /// a set without a limit on a class that makes machines
    UnlimitedProvision = "unlimited-provision", Refusal;
    /// a Kubernetes that the Talos does not run
    KubernetesNotOnTalos = "kubernetes-not-on-talos", Refusal;
    /// a Talos that the Omni does not take
    TalosNotOnOmni = "talos-not-on-omni", Refusal;
    /// a Talos on which machines get stuck under the Omni
    StuckOnOmni = "stuck-on-omni", Advice;
    /// a Talos older than what talosc writes for
    TalosTooOld = "talos-too-old", Refusal;
    /// a release that this talosc does not know
    UnknownRelease = "unknown-release", Advice;
    /// a cluster that is older than its own beginning
    BornLater = "born-later", Refusal;
    /// a version without its last number
    InexactVersion = "inexact-version", Refusal;
    /// a discovery service turned off that has no substitute
    PublicDiscovery = "public-discovery", Refusal;
    /// a healthcheck that is no Kubernetes Job
    BadJob = "bad-job", Refusal;
    /// a field that has no place on a machine of a class
    NotOnClassMachine = "not-on-class-machine", Refusal;
    /// a machine of a class whose patches depend on which set gets it
    ClassMachineDisagrees = "class-machine-disagrees", Refusal;
    /// a machine of a class that no set uses
    MachineWithoutSet = "machine-without-set", Refusal;
    /// a file that is no schema of a provider
    ProviderSchema = "provider-schema", Refusal;
    /// an object of a manifest that Omni or Kubernetes refuses
    BadObject = "bad-object", Refusal;
    /// a RuntimeClass whose runtime no node has
    RuntimeClassWithoutNodes = "runtime-class-without-nodes", Advice;
    /// a RuntimeClass that the Omni cannot bring
    RuntimeClassLeftOut = "runtime-class-left-out", Advice;
    /// nodes are selected for a RuntimeClass that something else owns
    RuntimeClassElsewhere = "runtime-class-elsewhere", Defect;
    /// a secret in what is written to git
    SecretInOutput = "secret-in-output", Secret;

    // Rules, and what they look at.
    /// an invariant that is not understood
    BadInvariant = "bad-invariant", Refusal;
    /// an `allow` that silences nothing
    AllowUnused = "allow-unused", Advice;
    /// a declaration that nothing uses
    UnusedDeclaration = "unused-declaration", Advice;
    /// an extension that the catalogue of the target does not have
    ExtensionUnavailable = "extension-unavailable", Refusal;
    /// an extension without what it requires
    ExtensionRequires = "extension-requires", Defect;
    /// two extensions that cannot be on one node
    ExtensionConflicts = "extension-conflicts", Defect;
    /// a driver whose modules nothing loads
    DriverNotLoaded = "driver-not-loaded", Defect;
    /// an extension whose modules nothing loads
    ModuleNotLoaded = "module-not-loaded", Advice;
    /// a kernel module that neither Talos nor an extension of the node has
    KernelModuleMissing = "kernel-module-missing", Advice;
    /// an extension whose service waits for a configuration
    ServiceUnconfigured = "service-unconfigured", Advice;
    /// an extension that has no effect in the target's version
    ExtensionNote = "extension-note", Advice;
    /// a runtime that no extension of the node brings
    RuntimeUnavailable = "runtime-unavailable", Defect;
    /// a manifest whose URL follows a branch
    UnpinnedManifest = "unpinned-manifest", Advice;
    /// a node label that Kubernetes lets no node give itself
    RestrictedNodeLabel = "restricted-node-label", Advice;
    /// taints that Kubernetes lets no worker give itself
    NodeTaintsOnWorkers = "node-taints-on-workers", Defect;
    /// mounts of the kubelet below a directory that Talos mounts for it
    MountsUnderVarMnt = "mounts-under-var-mnt", Advice;
    /// `machine.disks`, which gave way to user volumes
    LegacyDisks = "legacy-disks", Advice;
    /// serving certificates that nothing approves
    NoCertificateApprover = "no-certificate-approver", Advice;

    // What a new user meets.
    /// an address whose prefix is not that of its network
    OtherPrefix = "other-prefix", Advice;
    /// machines that nothing gives a default route
    NoDefaultRoute = "no-default-route", Advice;
    /// networks that must be apart and overlap
    SubnetsOverlap = "subnets-overlap", Defect;
    /// networks of pods and services with which Kubernetes does not start
    ClusterSubnets = "cluster-subnets", Defect;
    /// machines of a provider that do not say where Talos is installed
    InstallDiskMissing = "install-disk-missing", Advice;
    /// two machines of a cluster with one UUID
    UuidTwice = "uuid-twice", Refusal;
    /// the configuration of a service that no extension brings
    ServiceWithoutExtension = "service-without-extension", Advice;
    /// an extension that has nothing for the processors of its nodes
    ExtensionArch = "extension-arch", Advice;
    /// a text that is no CEL expression
    CelSyntax = "cel-syntax", Refusal;
    /// a name that a CEL expression cannot use
    CelUnknown = "cel-unknown", Refusal;
    /// a CEL expression with values of the wrong type
    CelType = "cel-type", Refusal;
    /// a volume whose least size is above its largest
    VolumeSizes = "volume-sizes", Refusal;
    /// a volume that says no disk or no size
    VolumeIncomplete = "volume-incomplete", Refusal;
    /// a volume for a version of Talos that has none
    VolumeUnavailable = "volume-unavailable", Refusal;
    /// a volume for which another leaves no room
    VolumesOverlap = "volumes-overlap", Advice;
    /// a value that is inherited and said again
    RepeatedValue = "repeated-value", Advice;
    /// a block or list without anything in it, where that changes nothing
    SaysNothing = "says-nothing", Advice;
    /// an output at the place of a file that is read
    OutputOverSource = "output-over-source", Refusal;
    /// configuration for control planes that reaches workers
    ControlPlaneOnly = "control-plane-only", Refusal;
    /// a field that someone else sets
    OwnedField = "owned-field", Refusal;
    /// a field that another one took the place of
    DeprecatedField = "deprecated-field", Advice;

    // Links.
    /// links that leave a machine without DHCP and without a default route
    NoUplink = "no-uplink", Defect;
    /// a virtual address on a link that is not on its network
    VipElsewhere = "vip-elsewhere", Defect;
    /// a link that is said to be two things
    LinkContradicts = "link-contradicts", Refusal;
    /// a bond without links or mode
    BondIncomplete = "bond-incomplete", Refusal;
    /// a setting that a bond cannot have
    BondSetting = "bond-setting", Refusal;
}
