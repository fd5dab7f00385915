package health

// Remembered is how many verdicts s knows of.
func (s *Settled) Remembered() int { return len(s.nodes) + len(s.edges) + len(s.origins) }
