package kube

// Make makes the inventory anew.
func (w *Watcher) Make() { w.make() }

// Remake returns what makes the inventory of files anew, once they are read.
func Remake(clusters []Cluster) (func() *Inventory, error) {
	var all []*contents
	for _, c := range clusters {
		read, err := readManifests(c.Name, c.Manifests)
		if err != nil {
			return nil, err
		}
		all = append(all, read)
	}
	return func() *Inventory { return newInventory(all) }, nil
}
