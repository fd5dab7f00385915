// Package alerting tests the mixin's alerts from end to end, and holds nothing
// else: a fault that is switched on in a simulated mesh has to reach a webhook
// as a notification, by way of the programs that users run.
package alerting
