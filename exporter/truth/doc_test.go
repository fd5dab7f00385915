// Package truth_test holds the graph to what really happened in a mesh. Its
// tests go the whole way: raw series of Istio's, as proxies expose them, are
// scraped into Prometheus's own storage, asked for in PromQL over HTTP, and
// made a graph of.
//
//   - t1_test.go to t9_test.go have a test for each truth rule;
//   - kiali_test.go has one for each error that a real Kiali was seen to make
//     on the same data;
//   - reporters_test.go reads testdata/reporters: for each way a call can take
//     through a mesh, what all proxies on it report, and the true edges;
//   - properties_test.go draws whole meshes at random, of which it knows every
//     call;
//   - queries_test.go counts the queries that a graph takes.
//
// Which test shows what is listed in docs/development.md, and shown_test.go
// holds the list to the tests.
package truth_test
