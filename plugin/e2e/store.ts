/**
 * The store that Grafana asks in the tests: that of STORE_URL, which must have a mesh like the demo's (DEMO_URL is then
 * where its faults are set); else the demo, which then runs on this machine, where Grafana must be too.
 */
const given = process.env.STORE_URL;

const host = '127.0.0.1';
const [prometheus, exporter, demo] = [39090, 39877, 39878].map((port) => `${host}:${port}`);

export const store = {
  url: given ?? `http://${prometheus}`,
  /** Starts the store, unless it is there. */
  command: given
    ? undefined
    : `go run ./exporter/cmd/meshscope-demo --prometheus.listen-address=${prometheus} --web.listen-address=${exporter} --demo.listen-address=${demo}`,
  /** Where faults of the demo are set, if the store is the demo's. */
  demo: given ? process.env.DEMO_URL : `http://${demo}`,
  /** Answers when the store was started. */
  ready: `http://${exporter}/-/ready`,
};
