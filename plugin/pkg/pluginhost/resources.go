package pluginhost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/meshscope/meshscope/exporter/filter"
)

// CallResource tells the query editor of the language of expressions. Nothing
// here asks the store, or depends on settings.
func (i *Instance) CallResource(_ context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	served, ok := resources[strings.Trim(req.Path, "/")]
	switch {
	case !ok:
		return sendError(sender, http.StatusNotFound, "there is no such resource, there are fields and check-filter")
	case req.Method != served.method:
		return sendError(sender, http.StatusMethodNotAllowed, "%s is not answered here, %s is", req.Method, served.method)
	}
	body, err := served.answer(req.Body)
	if err != nil {
		return sendError(sender, http.StatusBadRequest, "%w", err)
	}
	return send(sender, http.StatusOK, body)
}

var resources = map[string]struct {
	method string
	answer func(body []byte) (any, error)
}{
	"fields":       {http.MethodGet, func([]byte) (any, error) { return language(), nil }},
	"check-filter": {http.MethodPost, func(body []byte) (any, error) { return checkFilter(body) }},
}

// field and function are what an expression can be made of, as the editor reads them.
type field struct {
	Name string   `json:"name"`
	Of   []string `json:"of"` // node, edge
	Type string   `json:"type"`
	Doc  string   `json:"doc"`
}

type function struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

type languageAnswer struct {
	Fields    []field    `json:"fields"`
	Functions []function `json:"functions"`
	Operators []function `json:"operators"`
}

func language() languageAnswer {
	var l languageAnswer
	for _, f := range filter.Fields() {
		l.Fields = append(l.Fields, field{f.Name, []string{f.Of}, f.Type, f.Doc})
	}
	l.Functions = functions(filter.Functions())
	l.Operators = functions(filter.Operators())
	return l
}

func functions(described []filter.Function) (all []function) {
	for _, f := range described {
		all = append(all, function(f))
	}
	return all
}

// verdict is what is wrong with an expression, and where; nothing if it is right.
type verdict struct {
	Error  string `json:"error"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// maxChecked is above what any expression in JSON has.
const maxChecked = 16 << 10

func checkFilter(body []byte) (verdict, error) {
	var asked struct {
		Expression *string `json:"expression"`
	}
	if len(body) > maxChecked {
		return verdict{}, fmt.Errorf("the body has %d bytes, want %d at most", len(body), maxChecked)
	}
	read := json.NewDecoder(bytes.NewReader(body))
	read.DisallowUnknownFields()
	if err := read.Decode(&asked); err != nil || asked.Expression == nil {
		return verdict{}, errors.New(`the body is not of the form {"expression": "..."}`)
	}
	if _, err := read.Token(); !errors.Is(err, io.EOF) {
		return verdict{}, errors.New(`there is something behind {"expression": "..."}`)
	}
	if strings.TrimSpace(*asked.Expression) == "" {
		return verdict{}, nil // as in a query: none
	}
	_, err := filter.Compile(*asked.Expression)
	if wrong, ok := errors.AsType[*filter.Error](err); ok {
		return verdict{wrong.Reason, wrong.Line, wrong.Column}, nil
	}
	return verdict{}, err
}

func sendError(sender backend.CallResourceResponseSender, status int, format string, args ...any) error {
	return send(sender, status, struct {
		Error string `json:"error"`
		// Message is where Grafana's front end looks.
		Message string `json:"message"`
	}{fmt.Errorf(format, args...).Error(), fmt.Errorf(format, args...).Error()})
}

func send(sender backend.CallResourceResponseSender, status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return sender.Send(&backend.CallResourceResponse{
		Status: status,
		Headers: map[string][]string{
			"Content-Type":           {"application/json"},
			"X-Content-Type-Options": {"nosniff"},
			"Cache-Control":          {"no-store"},
		},
		Body: text,
	})
}
