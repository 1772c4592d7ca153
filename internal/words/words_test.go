package words

import (
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		Group(0):                 "0",
		Group(999):               "999",
		Group(1000):              "1,000",
		Group(-1000):             "-1,000",
		Group(-100):              "-100",
		Group(int64(10_000_000)): "10,000,000",
		Count(0, "row"):          "0 rows",
		Count(1, "row"):          "1 row",
		Count(1234, "call"):      "1,234 calls",
		PerSecond(0):             "0/s",
		PerSecond(0.26):          "0.3/s",
		PerSecond(9.94):          "9.9/s",
		PerSecond(9.96):          "10/s",
		PerSecond(40):            "40/s",
		PerSecond(33.5):          "34/s",
		PerSecond(1234.4):        "1,234/s",
		Percent(0, 3):            "0 %",
		Percent(299, 300):        "99 %",
		Percent(300, 300):        "100 %",
		Percent(301, 300):        "100 %",
		Percent(1, 0):            "",
		Percent(1, int64(9e18)):  "0 %",
		Bytes(1):                 "1 byte",
		Bytes(999):               "999 bytes",
		Bytes(1000):              "1.0 kB",
		Bytes(999_960):           "1.0 MB",
		Bytes(1_260_000_000):     "1.3 GB",
		Bytes(5_000_000_000_000): "5.0 TB",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                          "0 s",
		0:                                     "0 s",
		5 * time.Second:                       "5 s",
		59*time.Second + 499*time.Millisecond: "59 s",
		59*time.Second + 500*time.Millisecond: "1m00s",
		61 * time.Second:                      "1m01s",
		59*time.Minute + 59*time.Second:       "59m59s",
		time.Hour:                             "1h00m",
		2*time.Hour + 5*time.Minute:           "2h05m",
		23*time.Hour + 59*time.Minute + 40*time.Second: "1d00h",
		76 * time.Hour: "3d04h",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
