package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/merge"
)

// mergers are the types with a Merge method, and what it does, which reflection cannot see. The words are
//
//	keyed KEY…          elements with one value of a key are merged; of several keys the first one counts that an element has
//	keyed replace KEY   elements with one value of the key replace each other
//	entries             of each key the later value counts whole
//	always              the later value counts, also where it was not said
//	nonzero             the later value counts, if there is one
var mergers = map[string]string{
	"v1alpha1.NetworkDeviceList":         "keyed interface deviceSelector",
	"v1alpha1.VlanList":                  "keyed vlanId",
	"v1alpha1.AdmissionPluginConfigList": "keyed name",
	"extensions.ConfigFileList":          "keyed mountPath",
	"security.ImageVerificationRules":    "keyed replace image",
	"v1alpha1.Args":                      "entries",
	"meta.Args":                          "entries",
	"cel.Expression":                     "always",
	"meta.Addr":                          "nonzero",
	"meta.AddrPort":                      "nonzero",
	"meta.Prefix":                        "nonzero",
	"block.ByteSize":                     "always",
	"block.PercentageSize":               "always",
	"block.Size":                         "always",
}

// odd are the types without a Merge method for which it matters what they are made of.
//
//	bytes first         a size in bytes stays, whatever share of a disk a later value says
var odd = map[string]string{
	"block.Size": "bytes first",
}

type merger interface {
	Merge(other any) error
}

// mergeOf says what becomes of two values of a field when documents are merged, as pkg/machinery/config/merge does it:
//
//	(empty)   maps merge by key, lists are added up, of scalars the later one counts
//	replace   the later one counts whole
//	always    the later one counts, also where it was not said: truths without a pointer
//	nonzero   the later one counts, unless it is zero: other scalars without a pointer
//	fails     two values are an error: structs without fields that can be set
//
// and the words of mergers.
func mergeOf(field reflect.StructField) (string, error) {
	t := field.Type

	if reflect.PointerTo(deref(t)).Implements(reflect.TypeFor[merger]()) {
		word, ok := mergers[nameOf(t)]
		if !ok {
			return "", fmt.Errorf("nothing is known of the Merge method of %s", nameOf(t))
		}

		if (word == "always" || word == "nonzero") && t.Kind() == reflect.Pointer {
			return "", nil
		}

		return word, nil
	}

	if word := odd[nameOf(t)]; word != "" {
		return word, nil
	}

	if slices.Contains(strings.Split(field.Tag.Get("merge"), ","), "replace") {
		return "replace", nil
	}

	switch t.Kind() { //nolint:exhaustive
	case reflect.Bool:
		return "always", nil
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return "nonzero", nil
	case reflect.Struct, reflect.Pointer:
		return ofStruct(t), nil
	default:
		return "", nil
	}
}

// ofStruct tries what merging two values of a struct does that is written as a scalar.
func ofStruct(t reflect.Type) string {
	if deref(t).Kind() != reflect.Struct || words[nameOf(t)] == "" || words[nameOf(t)] == "any" {
		return ""
	}

	left, right := reflect.New(t).Elem(), reflect.New(t).Elem()
	fill(left, 1)
	fill(right, 2)

	if err := merge.Merge(left.Addr().Interface(), right.Addr().Interface()); err != nil {
		return "fails"
	}

	return ""
}
