package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"text/template"

	"github.com/go-kit/log/level"

	"github.com/meshscope/meshscope/exporter/demo/mesh"
)

// handler serves the page, the faults, the truth, the clusters' objects, and
// each pod's metrics with a list of where they are.
func (d *Demo) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.showPage)
	mux.HandleFunc("GET /faults", d.listFaults)
	mux.HandleFunc("POST /faults", d.addFault)
	mux.HandleFunc("DELETE /faults", d.removeFaults)
	mux.HandleFunc("GET /truth", d.showTruth)
	mux.HandleFunc("GET /targets", d.listTargets)
	mux.HandleFunc("GET /objects", d.showObjects)
	mux.HandleFunc("GET /pods/{namespace}/{pod}/metrics", d.showMetrics)
	return mux
}

var page = template.Must(template.New("page").Parse(`The Meshscope demo: a simulated Istio mesh.

What happens in it can be changed. A fault is written
  {{.Syntax}}

Some to try:
  curl -X POST   '{{.URL}}/faults' -d 'fault=errors:bookinfo/ratings-v1=0.5'
  curl -X POST   '{{.URL}}/faults' -d 'fault=errors:bookinfo/reviews-v2->bookinfo/ratings-v1=0.5'
  curl -X POST   '{{.URL}}/faults' -d 'fault=errors:online-boutique/paymentservice=0.3'
  curl -X POST   '{{.URL}}/faults' -d 'fault=latency:bookinfo/details-v1=400ms'
  curl -X POST   '{{.URL}}/faults' -d 'fault=no-endpoints:sock-shop/carts'
  curl -X POST   '{{.URL}}/faults' -d 'fault=plaintext:online-boutique/cartservice=0.5'
  curl -X POST   '{{.URL}}/faults' -d 'fault=new-dependency:bookinfo/details-v1->sock-shop/catalogue=2'
  curl -X POST   '{{.URL}}/faults' -d 'fault=scale:online-boutique/frontend=5'
  curl -X POST   '{{.URL}}/faults' -d 'fault=restart:bookinfo/productpage-v1'
  curl -X POST   '{{.URL}}/faults' -d 'fault=reset:istio-system/ztunnel'
  curl           '{{.URL}}/faults'                  those in force
  curl -X DELETE '{{.URL}}/faults?fault=latency:bookinfo/details-v1'
  curl -X DELETE '{{.URL}}/faults'                  all of them

And to see:
  {{.URL}}/truth      what truly happened on each edge since the start, as JSON
  {{.URL}}/targets    what a Prometheus is to scrape: a URL for its http_sd_configs
  {{.URL}}/objects    the objects of Kubernetes and Istio as they are now, as YAML; those of the second cluster with ?cluster=west
{{- with .Prometheus}}
  {{.}}            Prometheus's API
{{- end}}{{with .Exporter}}
  {{.}}/metrics    the exporter's series
{{- end}}

In force now:{{range .Faults}}
  {{.}}{{else}} nothing.{{end}}
`))

func (d *Demo) showPage(w http.ResponseWriter, r *http.Request) {
	exporter := ""
	if d.store != nil {
		exporter = "http://" + d.options.ExporterAddress
	}
	var out bytes.Buffer
	err := page.Execute(&out, map[string]any{
		"Syntax": mesh.FaultSyntax, "URL": "http://" + r.Host, "Prometheus": d.PrometheusURL(),
		"Exporter": exporter, "Faults": d.mesh.Faults(),
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

func (d *Demo) listFaults(w http.ResponseWriter, _ *http.Request) {
	faults := []string{}
	for _, f := range d.mesh.Faults() {
		faults = append(faults, f.String())
	}
	answer(w, http.StatusOK, map[string]any{"faults": faults})
}

func (d *Demo) addFault(w http.ResponseWriter, r *http.Request) {
	f, err := mesh.ParseFault(r.FormValue("fault"))
	if err == nil {
		err = d.mesh.Set(f)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	level.Info(d.options.Logger).Log("msg", "fault set", "fault", f)
	d.listFaults(w, r)
}

func (d *Demo) removeFaults(w http.ResponseWriter, r *http.Request) {
	var faults []mesh.Fault
	for _, text := range r.URL.Query()["fault"] {
		f, ok := d.inForce(text)
		if !ok {
			refuse(w, http.StatusNotFound, fmt.Errorf("fault %q is not in force", text))
			return
		}
		faults = append(faults, f)
	}
	if err := d.mesh.Clear(faults...); err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	level.Info(d.options.Logger).Log("msg", "faults cleared", "faults", fmt.Sprint(faults))
	d.listFaults(w, r)
}

// inForce finds a fault as it was written, or by its name without a value.
func (d *Demo) inForce(text string) (mesh.Fault, bool) {
	for _, f := range d.mesh.Faults() {
		if parsed, err := mesh.ParseFault(text); f.Name() == text || err == nil && f.Name() == parsed.Name() {
			return f, true
		}
	}
	return mesh.Fault{}, false
}

func (d *Demo) showTruth(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"from": d.historyFrom, "to": d.mesh.Now(), "edges": d.mesh.Truth()})
}

func (d *Demo) showMetrics(w http.ResponseWriter, r *http.Request) {
	target, ok := (*d.targets.Load())[r.URL.Path]
	if !ok {
		http.Error(w, "no such pod", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	// An error here is the scraper's going away.
	_ = target.WriteMetrics(w)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // -> stays readable
	_ = encoder.Encode(body)
}

func refuse(w http.ResponseWriter, status int, err error) {
	answer(w, status, map[string]string{"error": err.Error()})
}
