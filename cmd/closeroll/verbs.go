package main

import "github.com/spf13/cobra"

// The verbs by the group that help lists them under.

func (e *env) startVerbs() []*cobra.Command {
	return []*cobra.Command{e.demoVerb(), e.initVerb(), e.configVerb(), e.checkVerb(), e.inspectVerb()}
}

func (e *env) findVerbs() []*cobra.Command {
	return []*cobra.Command{e.searchVerb(), e.showVerb(), e.getVerb(), e.chatVerb(), e.noteVerb(), e.foiVerb()}
}

func (e *env) keepVerbs() []*cobra.Command {
	return []*cobra.Command{e.explainVerb(), e.retentionVerb(), e.classifyVerb(), e.assessVerb(), e.eventVerb(), e.aggregationVerb(), e.reviewVerb(), e.holdVerb(), e.quarantineVerb(), e.custodianVerb(), e.disposeVerb(), e.transferVerb(), e.spillageVerb(), e.erasureVerb(), e.certificateVerb(), e.reportVerb()}
}

func (e *env) daemonVerbs() []*cobra.Command {
	return []*cobra.Command{e.serveVerb(), e.statusVerb(), e.captureVerb(), e.importVerb(), e.uploadVerb(), e.failuresVerb(), e.retryVerb(), e.reconcileVerb(), e.gapsVerb(), e.loginVerb(), e.rebuildVerb(), e.healthVerb()}
}

func (e *env) trustVerbs() []*cobra.Command {
	return []*cobra.Command{e.journalVerb(), e.fixityVerb(), e.keysVerb(), e.versionVerb()}
}

// hiddenVerbs are for scripts and for the daemon itself.
func (e *env) hiddenVerbs() []*cobra.Command {
	return []*cobra.Command{e.manVerb(), e.extractChildVerb(), e.lintChildVerb()}
}
