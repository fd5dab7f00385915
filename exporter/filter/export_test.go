package filter

// EdgeFields and NodeFields are the fields with their kinds, as the manual has them.
func EdgeFields() []string { return described("edge", edgeFields) }

func NodeFields() []string { return described("node", nodeFields) }

func described[T any](of string, fields []field[T]) (all []string) {
	for _, f := range fields {
		all = append(all, of+"."+f.name+" "+map[kind]string{number: "number", text: "text", flag: "true or false", list: "list", labels: "labels"}[f.kind])
	}
	return all
}

// Docs is how many fields there are sentences about.
func Docs() int { return len(edgeDocs) + len(nodeDocs) }
