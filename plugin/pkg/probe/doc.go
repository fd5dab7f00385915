// Package probe looks for what there is in a store: it is how the data source
// chooses where its graphs come from, and says why one is empty.
package probe
