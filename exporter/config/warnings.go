package config

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// storeLookback is the lookback of Prometheus and its kin, unless it was changed there.
const storeLookback = model.Duration(5 * time.Minute)

// Warnings says in words what is valid and yet likely to give wrong numbers.
func (c *Config) Warnings() []string {
	var warnings []string
	if c.Refresh.Lookback < storeLookback {
		warnings = append(warnings, fmt.Sprintf(
			"refresh.lookback is %s: traffic can be counted twice after a gap between scrapes, unless the store's own lookback (%s by default) is as short",
			c.Refresh.Lookback, storeLookback))
	}
	return append(warnings, c.Health.warnings()...)
}
