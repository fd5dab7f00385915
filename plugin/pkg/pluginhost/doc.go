// Package pluginhost is what Grafana calls: one instance per configured data
// source, with one file for each interface of the plugin SDK.
//
// Logs are for debugging and hold neither URLs nor queries' values.
package pluginhost
