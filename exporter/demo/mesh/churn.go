package mesh

// habit is something that changes by itself, again and again.
type habit struct {
	// every and first are in seconds.
	every, first int64
	// faults happen in turn.
	faults []Fault
	next   int
}

// habits are what happens in the named applications without any fault: a
// service that is deployed often, and one that is scaled with its load.
func habits() []*habit {
	const shop = "online-boutique"
	return []*habit{
		{every: 1260, first: 420, faults: []Fault{{Kind: Restart, DestinationNamespace: shop, DestinationWorkload: "recommendationservice"}}},
		{every: 600, first: 300, faults: []Fault{
			{Kind: Scale, DestinationNamespace: shop, DestinationWorkload: "frontend", Value: 4},
			{Kind: Scale, DestinationNamespace: shop, DestinationWorkload: "frontend", Value: 2},
		}},
		{every: 1500, first: 900, faults: []Fault{{Kind: Reset, DestinationNamespace: "bookinfo", DestinationWorkload: "details-v1"}}},
	}
}

// follow lets the habit's next change happen when its time has come. What a
// fault in force has scaled stays as it is.
func (h *habit) follow(m *Mesh) {
	if m.ticks < h.first || (m.ticks-h.first)%h.every != 0 {
		return
	}
	f := h.faults[h.next%len(h.faults)]
	h.next++
	if f.Kind == Scale && m.inForce(f) >= 0 {
		return
	}
	if w, err := m.find(f.DestinationNamespace, f.DestinationWorkload); err == nil {
		// Habits name what the mesh has, so that changes cannot fail.
		_ = m.change(w, f)
	}
}
