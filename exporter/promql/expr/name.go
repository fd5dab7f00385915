package expr

import "strings"

// isLabelName tells whether name is a label name that every store knows.
func isLabelName(name string) bool {
	return isMetricName(name) && !strings.Contains(name, ":")
}

// isMetricName tells whether name has the form of a metric name that can be
// written without quotes.
func isMetricName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case isLetter(c) || c == ':':
		case isDigit(c) && i > 0:
		default:
			return false
		}
	}
	return name != ""
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isNumberWord tells whether PromQL reads name as a number.
func isNumberWord(name string) bool {
	return strings.EqualFold(name, "inf") || strings.EqualFold(name, "nan")
}

// keywords are the words which mean something in PromQL where the name of a
// metric could stand, in any case of letters. Some of them are allowed as names
// by some stores.
var keywords = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(`
		and or unless atan2
		sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio
		offset smoothed anchored by without on ignoring group_left group_right fill fill_left fill_right bool
		start end step range max_of min_of inf nan
	`) {
		set[word] = true
	}
	return set
}()

func isKeyword(name string) bool { return keywords[strings.ToLower(name)] }
