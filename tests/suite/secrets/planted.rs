//! Secrets by their shape, and the places where they are planted.

/// Secrets by their shape, in pieces so that no scanner takes this file for what it tests.
pub(crate) fn shapes() -> Vec<(&'static str, String)> {
    let body = "MIIEpAIBAAKCAQEA7bq9cX2vT1mJ8wYzK3fLhQ5sRd0PnUeGoBtIaVxCy6ZkWHiD";
    let pem = |kind: &str| format!("-----BEGIN {kind}-----\n{body}\n{body}\n-----END {kind}-----");
    let certificate =
        format!("-----BEGIN {0}-----\nMIIBszCCAVmgAwIBAgIQ\n-----END {0}-----\n", "CERTIFICATE");
    let join = |parts: &[&str]| parts.concat();
    vec![
        ("pem", pem("PRIVATE KEY")),
        ("pem-bundle", format!("{certificate}{}", pem("EC PRIVATE KEY"))),
        ("pem-openssh", pem("OPENSSH PRIVATE KEY")),
        ("pgp", pem("PGP PRIVATE KEY BLOCK")),
        ("pem-in-base64", base64(&pem("RSA PRIVATE KEY"))),
        ("bundle-in-base64", base64(&format!("{certificate}{}", pem("PRIVATE KEY")))),
        (
            "jwt",
            join(&["eyJhbGciOiJSUzI1NiJ9", ".eyJzdWIiOiJzeXN0ZW0ifQ", ".Zk3pXq9vT1mJ8wYzK3fLhQ5sRd0PnUeGo"]),
        ),
        ("tailscale", join(&["tskey-", "auth-kQ7rT2mN4pLCNTRL-z8Yx6Wv4Ut2Sr9Qp"])),
        ("github", join(&["ghp_", "q9X2vT1mJ8wYzK3fLhQ5sRd0PnUeGoBtIaVx"])),
        ("github-fine", join(&["github_pat_", "11ABCDEFG0q9X2vT1mJ8wY_zK3fLhQ5sRd0PnUeGoBtIaVx"])),
        ("gitlab", join(&["glpat-", "q9X2vT1mJ8wYzK3fLhQ5"])),
        ("aws", join(&["AKIA", "Q7RT2MN4PL9ZX6WV"])),
        ("google", join(&["AIza", "SyQ7rT2mN4pL9zX6wV8uY1sR3qP5oN0mK"])),
        (
            "digitalocean",
            join(&["dop_v1_", "3f9a7c1e5b2d8f4a6c0e9b7d3f1a5c8e2b4d6f0a9c7e1b3d5f8a2c4e6b0d9f7a"]),
        ),
        ("slack", join(&["xoxb-", "2718281828-3141592653-q9X2vT1mJ8wYzK3fLhQ5sRd0"])),
        (
            "slack-hook",
            join(&["https://hooks.slack.com/services/", "T02AB3CD4/B05EF6GH7/q9X2vT1mJ8wYzK3fLhQ5sRd0"]),
        ),
        (
            "discord-hook",
            join(&[
                "https://discord.com/api/webhooks/",
                "1122334455667788/q9X2vT1mJ8wYzK3fLhQ5sRd0PnUeGoBtIaVxCy6Z",
            ]),
        ),
        ("telegram", join(&["5566778899", ":AAq9X2vT1mJ8wYzK3fLhQ5sRd0PnUeGoBtI"])),
        ("npm", join(&["npm_", "q9X2vT1mJ8wYzK3fLhQ5sRd0PnUeGoBtIaVx"])),
        ("docker", join(&["dckr_pat_", "q9X2vT1mJ8wYzK3fLhQ5sRd0"])),
        ("vault", join(&["hvs.", "CAESIq9X2vT1mJ8wYzK3fLhQ5sRd0PnUeGoBtIaVx"])),
        ("age", join(&["AGE-SECRET-KEY-1", "QW9ER8TY7UI6OP5AS4DF3GH2JK1LZ0XC9VB8NM7QW6ER5TY4UI3OP2AS1D"])),
        ("stripe", join(&["sk_live_", "q9X2vT1mJ8wYzK3fLhQ5sRd0"])),
        ("url", join(&["https://puller:", "q9X2vT1mJ8wYz", "@registry.internal/v2/"])),
        ("join-url", join(&["grpc://omni.internal:8090?jointoken=", "q9X2vT1mJ8wYzK3fLhQ5"])),
        ("wireguard", join(&["[Interface]\nPrivateKey = ", "yAnz5TFq9X2vT1mJ8wYzK3fLhQ5sRd0PnUeGoBtIaV8="])),
        ("bearer", join(&["Authorization: Bearer ", "q9X2vT1mJ8wYzK3fLhQ5sRd0"])),
    ]
}

/// The places of a cluster where a text can stand; `@` is the text, in double quotes.
pub(crate) const ANYWHERE: &[(&str, &str)] = &[
    ("env", "patch a { machine.env.SOME = \"@\" }"),
    ("env-of-service", "patch a { document ExtensionServiceConfig frr { environment = [\"A=b\", \"@\"] } }"),
    (
        "file-of-service",
        "patch a { document ExtensionServiceConfig frr { configFiles = [{ content = \"@\", mountPath = \"/etc/a\" }] } }",
    ),
    (
        "file-of-machine",
        "patch a { machine.files = [{ path = \"/var/a\", permissions = 0o600, op = \"create\", content = \"@\" }] }",
    ),
    ("key-of-a-map", "patch a { machine.env { \"@\" = \"b\" } }"),
    ("value-of-a-sysctl", "patch a { machine.sysctls { \"net.core.a\" = \"@\" } }"),
    ("argument", "patch a { cluster.apiServer.extraArgs.some = \"@\" }"),
    ("kernel-arguments", "kernel { args = [\"quiet\", \"@\"] }"),
    ("url-of-a-manifest", "patch a { cluster.extraManifests = [\"@\"] }"),
    ("id-of-a-patch", "patch a { id = \"@\", machine.env.A = \"b\" }"),
    ("label-of-a-patch", "patch a { labels { a = \"@\" }, machine.env.A = \"b\" }"),
    ("annotation-of-a-patch", "patch a { annotations { a = \"@\" }, machine.env.A = \"b\" }"),
    ("key-of-an-annotation", "patch a { annotations { \"@\" = \"a\" }, machine.env.A = \"b\" }"),
    ("label-of-a-cluster", "labels { a = \"@\" }"),
    ("annotation-of-a-cluster", "annotations { a = \"@\" }"),
    (
        "annotation-of-a-manifest",
        "manifest m { mode = full, annotations { a = \"@\" }, objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata { name = \"a\" } }] }",
    ),
    (
        "object",
        "manifest m { mode = full, objects = [{ apiVersion = \"v1\", kind = \"ConfigMap\", metadata { name = \"a\" }, data { a = \"@\" } }] }",
    ),
    (
        "key-of-an-object",
        "manifest m { mode = full, objects = [{ apiVersion = \"v1\", kind = \"ConfigMap\", metadata { name = \"a\" }, data { \"@\" = \"a\" } }] }",
    ),
    ("file-manifest", "manifest m file \"m.yaml\" { mode = full }"),
    ("last-applied", "manifest m file \"last.yaml\" { mode = full }"),
    ("secret-list", "manifest m file \"list.yaml\" { mode = full }"),
    ("list", "manifest m file \"items.yaml\" { mode = full }"),
    (
        "manifest-of-a-patch",
        "patch a { cluster.inlineManifests = [{ name = \"m\", contents = file \"m.yaml\" }] }",
    ),
    ("annotation-of-a-healthcheck", "healthcheck h file \"job.yaml\" { annotations { a = \"@\" } }"),
    ("healthcheck", "healthcheck h file \"job-env.yaml\" { interval = 5m }"),
    ("id-of-a-healthcheck", "healthcheck h file \"job.yaml\" { id = \"@\" }"),
    ("patch-file", "patch a file \"patch.yaml\""),
    (
        "snapshot",
        "controlplane { bootstrap { cluster-uuid = 4c4c4544-0039-3010-804a-b7c04f4d3239, snapshot = \"@\" } }",
    ),
    ("let", "patch a { machine.env.SOME = text }"),
    ("parameter", "workers { role = given(value = \"@\") }"),
    ("mixin", "workers { role = mixed }"),
    ("machine", "workers { machines = [one] }"),
    ("class", "workers { class = own, size = 1 }"),
    ("provider", "workers { class = provided, size = 1 }"),
];

/// Places that are secret whatever stands there, or whose name says so; `@` is the secret.
pub(crate) const NAMED: &[(&str, &str)] = &[
    ("join-token", "patch a { machine.token = \"@\" }"),
    ("pull", "patch a { machine.registries.config.\"r.internal\".auth.password = \"@\" }"),
    (
        "pull-document",
        "patch a { document RegistryAuthConfig \"r.internal\" { username = \"u\", password = \"@\" } }",
    ),
    (
        "headers",
        "patch a { cluster.extraManifestHeaders { Accept = \"text/plain\", Authorization = \"@\" } }",
    ),
    ("header", "patch a { cluster.extraManifestHeaders { X-Any = \"@\" } }"),
    (
        "vip",
        "patch a { machine.network.interfaces = [{ interface = \"eth0\", vip { ip = \"10.0.0.9\", hcloud { apiToken = \"@\" } } }] }",
    ),
    (
        "vip-of-a-vlan",
        "patch a { machine.network.interfaces = [{ interface = \"eth0\", vlans = [{ vlanId = 4, vip { ip = \"10.0.0.9\", equinixMetal { apiToken = \"@\" } } }] }] }",
    ),
    (
        "disk",
        "patch a { document UserVolumeConfig data { encryption { provider = \"luks2\", keys = [{ slot = 0, static { passphrase = \"@\" } }] } } }",
    ),
    ("wireguard", "patch a { document WireguardConfig wg0 { privateKey = \"@\" } }"),
    ("env-token", "patch a { machine.env.CLOUD_TOKEN = \"@\" }"),
    ("env-password", "patch a { machine.env.DB_PASSWORD = \"@\" }"),
    (
        "env-of-service",
        "patch a { document ExtensionServiceConfig frr { environment = [\"FRR_PASSWORD=@\"] } }",
    ),
    (
        "secret-object",
        "manifest m { mode = full, objects = [{ apiVersion = \"v1\", kind = \"Secret\", metadata { name = \"a\" }, stringData { a = \"@\" } }] }",
    ),
    ("secret-file", "manifest m file \"secret.yaml\" { mode = full }"),
    ("secret-list", "manifest m file \"opaque-list.yaml\" { mode = full }"),
    ("last-applied", "manifest m file \"opaque-last.yaml\" { mode = full }"),
    ("env-of-a-container", "healthcheck h file \"job-pair.yaml\" { interval = 5m }"),
    (
        "values-of-a-chart",
        "manifest m { mode = full, objects = [{ apiVersion = \"helm.cattle.io/v1\", kind = \"HelmChart\", metadata { name = \"a\" }, spec { valuesContent = \"auth:\\n  adminPassword: @\\n\" } }] }",
    ),
    ("provider-field", "workers { class = tokened, size = 1 }"),
    ("let", "patch a { machine.token = text }"),
    ("parameter", "workers { role = joined(value = \"@\") }"),
];

/// Values without a shape.
pub(crate) const OPAQUE: &[&str] = &["q9X2vT1mJ8wYzK3f", "hunter-of-1000-moons", "Zk3p!q9X2#vT1m"];

/// What is wrong beside the secret, on its line or around it, so that an excerpt shows that line or a message its value.
pub(crate) const MISTAKES: &[(&str, &str, &str)] = &[
    ("none", "", ""),
    ("field", "", " bogus = 1"),
    ("twice", "", " @BODY@"),
    ("syntax", "", " ) ="),
    ("unclosed", "{ ", ""),
    ("word", "", " omni = \"v1.10\""),
];

/// A text in base64.
pub(crate) fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits =
            three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}
