package main

import (
	"context"
	"errors"
	"path/filepath"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/store"
)

// scheduleCommand has runs begin at certain times.
type scheduleCommand struct {
	orderFlags
	Cron      []string `required:"" sep:"none" placeholder:"EXPR" help:"When, in UTC, as '0 3 * * *' or '@every 1h'. May be repeated."`
	Overwrite bool     `help:"Replace the schedule of this quota domain."`
}

// Run is called by kong.
func (s *scheduleCommand) Run(ctx context.Context, c *console) error {
	if err := s.check(); err != nil {
		return err
	}
	engine, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	order := s.order()
	order.Source = "schedules/" + s.domain() + ".json"
	l, err := open(ctx, order.Store, "", "")
	if err != nil {
		return err
	}
	settings := scheduleFile{Settings: s.settings(), Source: s.Path}
	if !store.IsAddress(s.Path) {
		if settings.Source, err = filepath.Abs(s.Path); err != nil {
			return err
		}
	}
	id := workflowID(s.domain())
	options := client.ScheduleOptions{
		ID:      id,
		Spec:    client.ScheduleSpec{CronExpressions: s.Cron},
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		Action: &client.ScheduleWorkflowAction{
			ID: id + "/scheduled", Workflow: Scheduled, Args: []any{Firing{ID: id, Order: order}},
			TaskQueue: s.TaskQueue, StaticSummary: summaryOf(order),
		},
	}
	schedules := engine.ScheduleClient()
	schedule, err := schedules.Create(ctx, options)
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) && s.Overwrite {
		if err := schedules.GetHandle(ctx, id).Delete(ctx); err != nil {
			return err
		}
		schedule, err = schedules.Create(ctx, options)
	}
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return &flags.UsageError{Message: "there is a schedule for " + s.domain(), Hint: "--overwrite replaces it; 'temporal schedule delete --schedule-id " + id + "' ends it"}
	}
	if is[*serviceerror.InvalidArgument](err) {
		return flags.Usage("the engine refuses the schedule: "+err.Error(), "--cron takes an expression as '0 3 * * *' or '@every 1h'")
	}
	if err != nil {
		return err
	}
	// Only now: a schedule that was there before keeps its settings.
	if err := l.writeJSON(ctx, order.Source, settings); err != nil {
		return errors.Join(err, schedule.Delete(context.WithoutCancel(ctx)))
	}
	c.infof("scheduled as %s", id)
	return nil
}
