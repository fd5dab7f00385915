package framestest

import (
	"math"
	"slices"
	"time"

	"github.com/grafana/dataplane/sdata/timeseries"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// CheckTimeSeries checks the answer to a query for at most limit time series,
// as Grafana's panels and its alerting read it.
func CheckTimeSeries(t TB, frames data.Frames, limit int) {
	t.Helper()
	if len(frames) == 0 || len(frames) > limit {
		t.Fatalf("%d frames, want one for each of at most %d series, or one for none", len(frames), limit)
	}
	for i, f := range frames {
		if f.Meta == nil || f.Meta.Type != data.FrameTypeTimeSeriesMulti || f.Meta.TypeVersion.IsZero() {
			t.Fatalf("%s: is not told to be a time series", f.Name)
		}
		if i > 0 && len(f.Meta.Notices) > 0 {
			t.Errorf("%s: notices are told once, with the first", f.Name)
		}
	}
	reader, err := timeseries.CollectionReaderFromFrames(frames)
	if err != nil {
		t.Fatalf("%v", err)
	}
	read, err := reader.GetCollection(true)
	if err != nil {
		t.Fatalf("alerting cannot read this: %v", err)
	}
	if len(frames[0].Fields) == 0 {
		if len(frames) > 1 || !read.NoData() {
			t.Errorf("%d frames without data", len(frames))
		}
		return
	}
	titles := map[string]bool{}
	known := map[string]bool{}
	for _, f := range frames {
		checkSeries(t, f)
		value := f.Fields[1]
		if labels := value.Labels.String(); known[labels] {
			t.Errorf("two series with the labels %s", labels)
		} else {
			known[labels] = true
		}
		if title := value.Config.DisplayNameFromDS; titles[title] {
			t.Errorf("two series are called %q", title)
		} else {
			titles[title] = true
		}
	}
}

func checkSeries(t TB, f *data.Frame) {
	t.Helper()
	if schema := f.TimeSeriesSchema(); schema.Type != data.TimeSeriesTypeWide || len(f.Fields) != 2 || f.Rows() == 0 {
		t.Fatalf("%s: is no series of numbers, or an empty one", f.Name)
	}
	at, value := f.Fields[0], f.Fields[1]
	if at.Config == nil || at.Config.Interval <= 0 {
		t.Fatalf("%s: nobody knows how far points are apart, and gaps are drawn over", f.Name)
	}
	most, known := valueFormats[value.Config.Unit]
	if !known || value.Config.DisplayNameFromDS == "" || value.Config.DisplayName != "" {
		t.Errorf("%s: the unit is %q, and the name %q", f.Name, value.Config.Unit, value.Config.DisplayNameFromDS)
	}
	for name, text := range value.Labels {
		if name == "" || text == "" {
			t.Errorf("%s: an empty label %q", f.Name, name)
		}
	}
	last := time.Time{}
	for i := range f.Rows() {
		if v := value.At(i).(float64); math.IsNaN(v) || math.IsInf(v, 0) || v < 0 || v > most {
			t.Errorf("%s: row %d is %v", f.Name, i, v)
		}
		now := at.At(i).(time.Time)
		if step := now.Sub(last); i > 0 && (step <= 0 || step%time.Duration(at.Config.Interval*float64(time.Millisecond)) != 0) {
			t.Errorf("%s: row %d comes %s after the last one", f.Name, i, step)
		}
		last = now
	}
}

// CheckAnnotations checks the answer to a query for at most limit annotations.
func CheckAnnotations(t TB, frames data.Frames, limit int) {
	t.Helper()
	f := onlyFrame(t, frames, "changes", limit)
	checkTexts(t, f, []string{"title", "text", "tags", "id"})
	at := fieldOf(t, f, "time")
	ids := map[string]bool{}
	for i := range f.Rows() {
		if i > 0 && at.At(i).(time.Time).Before(at.At(i-1).(time.Time)) {
			t.Errorf("row %d comes before the one above", i)
		}
		id, _ := fieldOf(t, f, "id").ConcreteAt(i)
		if ids[id.(string)] {
			t.Errorf("id %q is there twice", id)
		}
		ids[id.(string)] = true
		for _, name := range []string{"title", "text", "tags"} {
			if fieldOf(t, f, name).At(i).(string) == "" {
				t.Errorf("%s of row %d is empty", name, i)
			}
		}
	}
}

// CheckValues checks the answer to a query for at most limit values of a variable.
func CheckValues(t TB, frames data.Frames, limit int) {
	t.Helper()
	f := onlyFrame(t, frames, "values", limit)
	checkTexts(t, f, []string{"text", "value"})
	all := Values(t, f)
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) || slices.Contains(all, "") {
		t.Errorf("values are not in order, each once: %q", all)
	}
}

// Values are those of a variable.
func Values(t TB, f *data.Frame) []string {
	t.Helper()
	return slices.Collect(texts(t, f, "value"))
}
