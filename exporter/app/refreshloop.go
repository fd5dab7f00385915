package app

import "errors"

// newRefreshLoop makes the refresh loop of exporter/refresh.
func newRefreshLoop(RefresherOptions) (Refresher, error) {
	return nil, errors.New("this build has no refresh loop")
}
