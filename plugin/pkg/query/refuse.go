package query

import (
	"encoding/json"
	"errors"
)

// errNotYet is for what is documented, and served by a later version.
var errNotYet = errors.New("is not supported by this version yet")

func refuseTrue(_ *Query, raw json.RawMessage) error {
	set, err := decode[bool](raw, "true or false")
	if err == nil && set {
		return errNotYet
	}
	return err
}

// refuseText refuses any text but none and the default.
func refuseText(byDefault string) func(*Query, json.RawMessage) error {
	return func(_ *Query, raw json.RawMessage) error {
		text, err := decode[string](raw, "a text")
		if err == nil && text != "" && text != byDefault {
			return errNotYet
		}
		return err
	}
}

// ofOtherTypes leaves a field alone that says nothing in a query for a graph.
func ofOtherTypes(*Query, json.RawMessage) error { return nil }
