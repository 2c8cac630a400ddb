package lines_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"talosc.dev/judges/minor/lines"
)

type request struct {
	Word string `json:"word"`
}

var handlers = map[string]lines.Handler{
	"echo":  lines.On(func(r request) (any, error) { return map[string]string{"word": r.Word}, nil }),
	"fail":  lines.On(func(request) (any, error) { return nil, errors.New("no judge today") }),
	"panic": lines.On(func(request) (any, error) { panic("lost") }),
}

func TestOneAnswerPerLine(t *testing.T) {
	requests := []string{
		`{"do":"echo","word":"<a>\n&"}`,
		`{"do":"panic"}`,
		``,
		`{"do":"fail"}`,
		`{"do":"echo","wrod":"a"}`,
		`{"do":"sing"}`,
		`{"word":"a"}`,
		`not json`,
		`{"do":"echo","word":"` + strings.Repeat("x", 1<<20) + `"}`,
		`{"do":"echo","word":"last"}`, // without a line break
	}

	expected := []string{"<a>\\n&", "panic: lost", "no judge today", `unknown field \"wrod\"`, "one of echo, fail, panic", "must say", "invalid character", "xxx", "last"}

	var out strings.Builder
	if err := lines.Serve(strings.NewReader(strings.Join(requests, "\n")), &out, handlers); err != nil {
		t.Fatal(err)
	}

	answers := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(answers) != len(expected) {
		t.Fatalf("expected %d answers, got %d:\n%s", len(expected), len(answers), out.String())
	}

	for i, answer := range answers {
		if !json.Valid([]byte(answer)) || !strings.Contains(answer, expected[i]) {
			t.Errorf("expected %s in answer %d, got %.300s", expected[i], i, answer)
		}
	}
}

func TestMessages(t *testing.T) {
	joined := errors.Join(errors.New("a"), errors.Join(errors.New("b"), fmt.Errorf("c: %w", errors.New("d"))))

	if got := strings.Join(lines.Messages(joined), "|"); got != "a|b|c: d" {
		t.Errorf("expected every error by itself, got %s", got)
	}

	if got := lines.Messages(nil); got == nil || len(got) > 0 {
		t.Errorf("expected an empty list, got %#v", got)
	}
}
