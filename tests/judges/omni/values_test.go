package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// carriedValues are those that are not the same any more once Omni has carried them.
var carriedValues = map[string]string{
	`1.0`: `[1]`,
}

func TestYAMLValues(t *testing.T) {
	for text, want := range map[string]string{
		`"on"`:                          `["on"]`,
		`on`:                            `["on"]`,
		`true`:                          `[true]`,
		`~`:                             `[null]`,
		`"~"`:                           `["~"]`,
		`0x10`:                          `[16]`,
		`"0x10"`:                        `["0x10"]`,
		`010`:                           `[8]`,
		`0o10`:                          `[8]`,
		`18446744073709551615`:          `[18446744073709551615]`,
		`1.0`:                           `[{"$go":"float64","text":"1"}]`,
		`.inf`:                          `[{"$go":"float64","text":"+Inf"}]`,
		`2024-01-02`:                    `[{"$go":"time.Time","text":"2024-01-02T00:00:00Z"}]`,
		`"2024-01-02"`:                  `["2024-01-02"]`,
		`12:30:45`:                      `["12:30:45"]`,
		`{a: [1, {b: x}]}`:              `[{"a":[1,{"b":"x"}]}]`,
		`{1: a, b: c}`:                  `[{"$go":"map","entries":[[1,"a"],["b","c"]]}]`,
		`{$go: a}`:                      `[{"$go":"map","entries":[["$go","a"]]}]`,
		"a\n---\nb\n":                   `["a","b"]`,
		`"\u2028\ttab \x01 \U0001F600"`: `["\u2028\ttab \u0001 😀"]`,
		`{a: &x 1, b: *x}`:              `[{"a":1,"b":1}]`,
	} {
		a := ask[yamlAnswer](t, "yaml", map[string]any{"text": text})
		if !a.OK {
			t.Errorf("%s: %q", text, a.Errors)

			continue
		}

		for what, documents := range map[string][]any{"documents": a.Documents, "carried": a.Carried} {
			var got strings.Builder

			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)

			if err := enc.Encode(documents); err != nil {
				t.Fatal(err)
			}

			want := want
			if other, ok := carriedValues[text]; ok && what == "carried" {
				want = other
			}

			if strings.TrimSpace(got.String()) != want {
				t.Errorf("%s, %s: expected %s, got %s", text, what, want, got.String())
			}
		}
	}
}

func TestYAMLErrors(t *testing.T) {
	for _, text := range []string{"[", "{a: 1, a: 2}", "a: b: c", "*x", "\x00"} {
		if a := ask[yamlAnswer](t, "yaml", map[string]any{"text": text}); a.OK || len(a.Errors) != 1 {
			t.Errorf("%q: expected an error, got %+v", text, a)
		}
	}
}
