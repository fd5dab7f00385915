package kiali

import "strconv"

// mostDecimals is where a number is nothing: the least that can be counted, one
// call in a day, needs five.
const mostDecimals = 9

// number is v with some decimals, and as many more as it takes to have a digit
// other than 0: what is little is not nothing (T5).
func number(v float64, decimals int) string { return string(appendNumber(nil, v, decimals)) }

func appendNumber(to []byte, v float64, decimals int) []byte {
	before := len(to)
	to = strconv.AppendFloat(to, v, 'f', decimals, 64)
	for ; v > 0 && isZero(to[before:]) && decimals < mostDecimals; decimals++ {
		to = strconv.AppendFloat(to[:before], v, 'f', decimals+1, 64)
	}
	return to
}

func isZero(text []byte) bool {
	for _, c := range text {
		if c != '0' && c != '.' {
			return false
		}
	}
	return true
}

// mutualTLSText is a share (0..1) as a whole percentage. It is only 100 where
// all is encrypted: there is no rounding up to that.
func mutualTLSText(share float64) string {
	if share < 1 {
		return number(min(100*share, 99), 0)
	}
	return "100"
}
