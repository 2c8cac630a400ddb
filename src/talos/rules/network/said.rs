//! What a configuration says of links, whatever said it: fields, patches in either form, arguments of the kernel.

use std::sync::LazyLock;

use crate::talos::forms::Thing;
use crate::talos::overlay::{Config, ConfigView};
use crate::talos::rules::got::Path;
use crate::text::Text;
use crate::tree::{Node, Origin, Value};
use crate::world::config::{self, Row, TWO_FORMS, said};

/// What a configuration says of links.
#[derive(Default)]
pub(super) struct Said {
    /// Something asks for an address.
    pub(super) asks: bool,
    /// Something has a static one.
    pub(super) addressed: bool,
    /// There is a default route.
    pub(super) routed: bool,
    /// A document of a link, by its name, and where it is written: one is enough for Talos to configure no interface by itself.
    pub(super) document: Option<(Text, Origin)>,
}

/// All places that [`Said::of`] looks at.
pub(super) static PLACES: LazyLock<Vec<Path>> = LazyLock::new(|| {
    let documents = config::documents().filter(|row| is_of_links(*row));
    let legacy = said::LINKS.iter().chain(said::INSTALL_ARGS).copied();
    documents.chain(legacy).map(Path::of).collect()
});

/// Whether documents of a kind say something of links, so that Talos configures none by itself.
/// Source: `RunDefaultDHCPOperators` in `pkg/machinery/config/container/container.go`.
pub(super) fn is_of_links(document: Row) -> bool {
    document.group() == Some("interface") || asks(document)
}

/// Whether documents of a kind ask for an address.
fn asks(document: Row) -> bool {
    let of_links = TWO_FORMS[Thing::Links as usize].documents.contains(&document);
    of_links && matches!(document.name(), "DHCPv4Config" | "DHCPv6Config")
}

impl Said {
    /// What is said in a configuration.
    pub(super) fn of(config: Config<'_>) -> Said {
        let mut said = Said::default();
        for path in PLACES.iter() {
            path.find(config, &mut |view| match path.row {
                row if said::LINKS.contains(&row) => {
                    view.as_seq().unwrap_or_default().iter().for_each(|link| said.interface(link));
                }
                row if said::INSTALL_ARGS.contains(&row) => {
                    let args = view.as_seq().unwrap_or_default().iter();
                    said.asks |= args.filter_map(Node::as_str).any(configures);
                }
                row => said.document(row, view),
            });
        }
        said
    }

    /// A document of links.
    fn document(&mut self, row: Row, view: ConfigView<'_>) {
        self.asks |= asks(row);
        let name = view.get("name").and_then(|view| view.as_str()).unwrap_or_default();
        self.document.get_or_insert_with(|| (Text::new(name), view.get("kind").unwrap_or(view).origin()));
        self.addresses(view.get("addresses"));
        self.routes(view.get("routes"), "destination");
    }

    /// An element of `machine.network.interfaces`, or of its `vlans`.
    fn interface(&mut self, node: &Node) {
        let view = ConfigView::node(node);
        self.asks |=
            view.get("dhcp").and_then(|view| view.leaf()).is_some_and(|on| on.value == Value::Bool(true));
        self.addressed |= view.get("cidr").is_some();
        self.addresses(view.get("addresses"));
        self.routes(view.get("routes"), "network");
        let vlans = view.get("vlans").and_then(|view| view.as_seq());
        vlans.unwrap_or_default().iter().for_each(|vlan| self.interface(vlan));
    }

    fn addresses(&mut self, list: Option<ConfigView<'_>>) {
        self.addressed |= list.and_then(|view| view.as_seq()).is_some_and(|items| !items.is_empty());
    }

    /// A route without a destination is the default one.
    fn routes(&mut self, list: Option<ConfigView<'_>>, destination: &str) {
        let routes = list.and_then(|view| view.as_seq()).unwrap_or_default();
        self.routed |= routes.iter().any(|route| {
            let to = route.at(&[destination]).and_then(Node::as_str).unwrap_or_default();
            to.is_empty() || to.ends_with("/0")
        });
    }
}

/// `ip=…`, which Talos reads as the configuration of an interface.
pub(super) fn configures(argument: &str) -> bool {
    argument.starts_with("ip=")
}
