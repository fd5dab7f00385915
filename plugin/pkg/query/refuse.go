package query

import (
	"encoding/json"
	"errors"
)

// errNotYet is for what is documented, and served by a later version.
var errNotYet = errors.New("is not supported by this version yet")

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
