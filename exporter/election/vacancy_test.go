package election

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Issue 5: within 20 s of a leader's death another publishes. What is left of
// them is for its first refresh.
func TestVacancy(t *testing.T) {
	require.LessOrEqual(t, vacancy, 18*time.Second)
	require.Less(t, renewDeadline+retryPeriod, leaseDuration, "who cannot renew it ends before others begin")
}
