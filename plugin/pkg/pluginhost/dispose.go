package pluginhost

// Dispose ends what an instance holds, when its settings have changed.
func (i *Instance) Dispose() { i.close() }
