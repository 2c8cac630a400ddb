package schema

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// words are the types that read themselves, or whose name says more than their kind. A type that reads itself and is not here is
// an error, so that a new one of a new minor is looked at.
var words = map[string]string{
	"time.Duration":                   "duration",
	"block.ByteSize":                  "size",
	"block.PercentageSize":            "size or percent",
	"block.Size":                      "size or percent",
	"meta.URL":                        "url",
	"v1alpha1.Endpoint":               "url",
	"v1alpha1.URL":                    "url",
	"netip.Addr":                      "address",
	"meta.Addr":                       "address",
	"netip.Prefix":                    "prefix",
	"meta.Prefix":                     "prefix",
	"network.Prefix":                  "prefix",
	"network.Addr":                    "address",
	"network.AddrPort":                "address and port",
	"netip.AddrPort":                  "address and port",
	"meta.AddrPort":                   "address and port",
	"nethelpers.HardwareAddr":         "mac",
	"cel.Expression":                  "cel",
	"v1alpha1.Unstructured":           "any",
	"meta.Unstructured":               "any",
	"v1alpha1.FileMode":               "mode",
	"network.PortRange":               "ports",
	"v1alpha1.ArgValue":               "string or strings",
	"meta.ArgValue":                   "string or strings",
	"v1alpha1.InstallDiskSizeMatcher": "string",
	"v1alpha1.Base64Bytes":            "bytes",
	"x509.Base64Bytes":                "bytes",
	"yamlutils.StringBytes":           "string",
	"v1alpha1.DiskSize":               "size",
}

// blocks are types with a way of their own to read the names of their fields.
var blocks = map[string][]string{
	"x509.PEMEncodedCertificateAndKey": {"crt", "key"},
	"x509.PEMEncodedCertificate":       {"crt"},
	"x509.PEMEncodedKey":               {"key"},
}

// shape is a type in words: "list of " and "map of " before the word of the innermost type, and the steps through them.
type shape struct {
	prefix string
	word   string
	steps  string
}

// shapeOf gives the words of a type, and the struct inside of it, if it is a block of fields.
func shapeOf(t reflect.Type, path string) (shape, reflect.Type, error) {
	var out shape

	for {
		t = deref(t)

		if word := words[nameOf(t)]; word != "" {
			out.word = word

			return out, nil, nil
		}

		switch t.Kind() { //nolint:exhaustive
		case reflect.Slice:
			if t.Elem().Kind() == reflect.Uint8 && !readsItself(t.Elem()) {
				out.word = "bytes"

				return out, nil, nil
			}

			out.prefix += "list of "
			out.steps += "[]"
			t = t.Elem()
		case reflect.Map:
			out.prefix += "map of "
			out.steps += ".*"
			t = t.Elem()
		case reflect.Struct:
			if blocks[nameOf(t)] == nil && readsItself(t) {
				return out, nil, fmt.Errorf("%s has a way of its own to read", nameOf(t))
			}

			out.word = "block"

			return out, t, nil
		case reflect.Interface:
			out.word = "any"

			return out, nil, nil
		default:
			word, err := scalar(t)
			out.word = word

			return out, nil, err
		}
	}
}

func scalar(t reflect.Type) (string, error) {
	if values := enum(t); values != nil {
		return "enum " + strings.Join(values, "|"), nil
	}

	if readsItself(t) {
		return "", fmt.Errorf("%s has a way of its own to read", nameOf(t))
	}

	switch kind := t.Kind(); kind { //nolint:exhaustive
	case reflect.Bool, reflect.String:
		return kind.String(), nil
	case reflect.Float32, reflect.Float64:
		return "float", nil
	case reflect.Int, reflect.Int64:
		return "int", nil
	case reflect.Uint, reflect.Uint64:
		return "uint", nil
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return kind.String(), nil
	default:
		return "", fmt.Errorf("%s is nothing that can be written", nameOf(t))
	}
}

func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)

	return p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || hasMethod(p, "UnmarshalYAML")
}

func hasMethod(t reflect.Type, name string) bool {
	_, ok := t.MethodByName(name)

	return ok
}

// enum lists the values of a number that is written as a word: those whose word is read as the same number.
func enum(t reflect.Type) []string {
	if t.Kind() < reflect.Int || t.Kind() > reflect.Uint64 || !readsItself(t) || !t.Implements(reflect.TypeFor[fmt.Stringer]()) {
		return nil
	}

	var values []string

	for n := range 1 << 16 {
		value := reflect.New(t)

		switch elem := value.Elem(); {
		case elem.CanInt() && !elem.OverflowInt(int64(n)):
			elem.SetInt(int64(n))
		case elem.CanUint() && !elem.OverflowUint(uint64(n)):
			elem.SetUint(uint64(n))
		default:
			return values
		}

		word := value.Elem().Interface().(fmt.Stringer).String() //nolint:forcetypeassert
		again := reflect.New(t)

		reader, ok := again.Interface().(encoding.TextUnmarshaler)
		if !ok || reader.UnmarshalText([]byte(word)) != nil || again.Elem().Interface() != value.Elem().Interface() {
			continue
		}

		if !slices.Contains(values, word) {
			values = append(values, word)
		}
	}

	return values
}
