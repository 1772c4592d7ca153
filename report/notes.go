package report

// Notes returns the paths of the files beside a report that tell whose it is. Most
// reports have none of them. Whoever moves a report takes them along.
func Notes(report string) []string { return []string{endpointFile(report), shardFile(report)} }
