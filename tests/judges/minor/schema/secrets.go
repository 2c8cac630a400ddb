package schema

import (
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config/config"
)

const (
	mark     = "marked"
	redacted = "redacted"
)

// secrets lists the paths that a document takes away when it is shown: every text of it is filled in, and those that are
// another one afterwards are secret.
func secrets(document config.Document) map[string]bool {
	out := map[string]bool{}

	secret, ok := document.(config.SecretDocument)
	if !ok {
		return out
	}

	value := reflect.ValueOf(document).Elem()
	fill(value, 1)
	secret.Redact(redacted)
	redactedPaths(value, "", out)

	return out
}

// fill gives a value to everything in v that can have one; n makes two fillings different.
func fill(v reflect.Value, n int) {
	if !v.CanSet() {
		return
	}

	switch word := v.Addr().Interface().(type) {
	case *netip.Addr:
		*word = netip.AddrFrom4([4]byte{192, 0, 2, byte(n)})

		return
	case *netip.Prefix:
		*word = netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 24)

		return
	case *netip.AddrPort:
		*word = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 80)

		return
	case **url.URL:
		*word = &url.URL{Scheme: "https", Host: mark + strconv.Itoa(n), RawQuery: "jointoken=" + mark}

		return
	}

	switch v.Kind() { //nolint:exhaustive
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), n)

		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(mark + strconv.Itoa(n)))
		}
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element, n)
		v.Set(reflect.MakeMap(v.Type()))

		if v.Type().Key().Kind() == reflect.String {
			v.SetMapIndex(reflect.ValueOf(mark).Convert(v.Type().Key()), element)
		}
	case reflect.String:
		v.SetString(mark + strconv.Itoa(n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(n))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(n))
	}
}

// redactedPaths adds the paths of texts that hold what redacting put there.
func redactedPaths(v reflect.Value, path string, out map[string]bool) {
	switch v.Kind() { //nolint:exhaustive
	case reflect.Pointer:
		if at, ok := v.Interface().(*url.URL); ok {
			if at != nil && strings.Contains(at.String(), redacted) {
				out[path] = true
			}

			return
		}

		if !v.IsNil() {
			redactedPaths(v.Elem(), path, out)
		}
	case reflect.Struct:
		redactedFields(v, path, out)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if string(v.Bytes()) == redacted {
				out[path] = true
			}

			return
		}

		for i := range v.Len() {
			redactedPaths(v.Index(i), path+"[]", out)
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			redactedPaths(iter.Value(), path+".*", out)
		}
	case reflect.String:
		if strings.Contains(v.String(), redacted) {
			out[path] = true
		}
	}
}

func redactedFields(v reflect.Value, path string, out map[string]bool) {
	names := blocks[nameOf(v.Type())]

	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}

		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")

		switch {
		case names != nil:
			name = strings.ToLower(field.Name)
		case name == "-":
			continue
		case name == "" && (field.Anonymous || strings.Contains(options, "inline")):
			redactedPaths(v.Field(i), path, out)

			continue
		case name == "":
			name = strings.ToLower(field.Name)
		}

		redactedPaths(v.Field(i), join(path, name), out)
	}
}
