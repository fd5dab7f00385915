package alerting

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// notification is what Alertmanager tells of one alert.
type notification struct {
	Status      string            `json:"status"` // firing or resolved
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Fingerprint string            `json:"fingerprint"`
}

func (n notification) String() string {
	return fmt.Sprintf("%s %v: %s", n.Status, n.Labels, n.Annotations["summary"])
}

// webhook receives notifications, in the place of a pager.
type webhook struct {
	url string

	mu       sync.Mutex
	received []notification
}

func listenForNotifications(t *testing.T) *webhook {
	t.Helper()
	w := &webhook{}
	server := httptest.NewServer(http.HandlerFunc(w.receive))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *webhook) receive(answer http.ResponseWriter, request *http.Request) {
	var message struct {
		Alerts []notification `json:"alerts"`
	}
	if err := json.NewDecoder(request.Body).Decode(&message); err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.received = append(w.received, message.Alerts...)
}

// all are the notifications that came so far, oldest first.
func (w *webhook) all() []notification {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.received)
}

// await waits for a notification of an alert with these labels.
func (w *webhook) await(t *testing.T, status, alert string, labels map[string]string) notification {
	t.Helper()
	var found notification
	eventually(t, fmt.Sprintf("%s is %s: %v", alert, status, labels), func() bool {
		all := w.all()
		i := slices.IndexFunc(all, func(n notification) bool { return n.Status == status && n.is(alert, labels) })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

// is tells whether the notification is of an alert with these labels.
func (n notification) is(alert string, labels map[string]string) bool {
	for name, value := range labels {
		if n.Labels[name] != value {
			return false
		}
	}
	return n.Labels["alertname"] == alert
}

// firing are the alerts of which the last word is that they fire.
func (w *webhook) firing() []notification {
	last := map[string]notification{}
	for _, n := range w.all() {
		last[n.Fingerprint] = n
	}
	var firing []notification
	for _, n := range last {
		if n.Status == "firing" {
			firing = append(firing, n)
		}
	}
	return firing
}
