package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// yamlRequest asks how Go reads a text.
type yamlRequest struct {
	Text string `json:"text"`
}

// yamlAnswer holds the values of each document: as they are read, and as they are once Omni has carried them.
type yamlAnswer struct {
	OK     bool     `json:"ok"`
	Errors []string `json:"errors"`
	// Read means that the text can be decoded; if the answer is not OK all the same, it cannot be carried.
	Read bool `json:"read"`
	// Documents are what a plain decoding sees.
	Documents []any `json:"documents"`
	// Carried are what Talos sees of a patch that was written inline: Omni writes it twice on the way.
	Carried []any `json:"carried"`
}

func readYAML(r yamlRequest) (any, error) {
	answer := yamlAnswer{Errors: []string{}, Documents: []any{}, Carried: []any{}}
	dec := yaml.NewDecoder(bytes.NewReader([]byte(r.Text)))

	fail := func(err error) (any, error) {
		answer.Errors = append(answer.Errors, err.Error())

		return answer, nil
	}

	var nodes []*yaml.Node

	for {
		var node yaml.Node

		err := dec.Decode(&node)
		if errors.Is(err, io.EOF) {
			break
		}

		var direct any

		if err == nil {
			err = node.Decode(&direct)
		}

		if err != nil {
			return fail(err)
		}

		nodes = append(nodes, &node)
		answer.Documents = append(answer.Documents, tagged(direct))
	}

	answer.Read = true

	for _, node := range nodes {
		carried, err := carry(node)
		if err != nil {
			return fail(err)
		}

		answer.Carried = append(answer.Carried, tagged(carried))
	}

	answer.OK = true

	return answer, nil
}

// carry does to a value what the client does to an inline patch: each document of a template is written again before it
// is decoded, and the patch in it is written once more for Talos to read.
func carry(node *yaml.Node) (value any, err error) {
	raw, err := yaml.Marshal(node)
	if err != nil {
		return nil, err
	}

	if err = yaml.Unmarshal(raw, &value); err != nil {
		return nil, err
	}

	if raw, err = yaml.Marshal(value); err != nil {
		return nil, err
	}

	var out any

	err = yaml.Unmarshal(raw, &out)

	return out, err
}

// tagged makes JSON of a value. Null, booleans, strings, integers, lists and maps with keys that are strings are themselves.
// Everything else is {"$go": type, "text": ...}, or {"$go": "map", "entries": [[key, value]...]}.
func tagged(value any) any {
	switch v := value.(type) {
	case nil, bool, string, int, int64, uint64:
		return v
	case float64:
		return map[string]any{"$go": "float64", "text": strconv.FormatFloat(v, 'g', -1, 64)}
	case time.Time:
		return map[string]any{"$go": "time.Time", "text": v.Format(time.RFC3339Nano)}
	case []byte:
		return map[string]any{"$go": "[]byte", "text": base64.StdEncoding.EncodeToString(v)}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = tagged(v[i])
		}

		return list
	case map[string]any:
		if _, clash := v["$go"]; clash {
			list := make([]any, 0, len(v))
			for key, item := range v {
				list = append(list, []any{key, tagged(item)})
			}

			return entries(list)
		}

		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = tagged(item)
		}

		return out
	case map[any]any:
		list := make([]any, 0, len(v))
		for key, item := range v {
			list = append(list, []any{tagged(key), tagged(item)})
		}

		return entries(list)
	default:
		return map[string]any{"$go": fmt.Sprintf("%T", v), "text": fmt.Sprint(v)}
	}
}

// entries makes the tagged form of a map, always in the same order.
func entries(list []any) any {
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })

	return map[string]any{"$go": "map", "entries": list}
}
