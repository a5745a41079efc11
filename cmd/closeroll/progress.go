package main

import (
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// A bar shows how far long work is, on a terminal and only there.
type bar struct {
	all *mpb.Progress
	one *mpb.Bar
}

// progress returns a bar on stderr that counts these things.
func (e *env) progress(things string) *bar {
	f, ok := e.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &bar{}
	}
	all := mpb.New(mpb.WithOutput(f), mpb.WithWidth(40))
	one := all.AddBar(0,
		mpb.PrependDecorators(decor.CountersNoUnit("  %d of %d "+things+" ")),
		mpb.AppendDecorators(decor.Percentage(), decor.Name("  "), decor.EwmaETA(decor.ET_STYLE_GO, 30)))
	return &bar{all, one}
}

func (b *bar) set(done, total int64) {
	if b.one != nil {
		b.one.SetTotal(total, false)
		b.one.SetCurrent(done)
	}
}

// end takes the bar away.
func (b *bar) end() {
	if b.one != nil {
		b.one.Abort(true)
		b.all.Wait()
	}
}
