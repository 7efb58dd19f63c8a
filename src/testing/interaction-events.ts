import { contentOf, interactionResource, usageOf } from './interaction-resource.js';
import type { Job } from './job.js';
import type { JsonObject } from './json.js';
import type { Settings } from './settings.js';

/** An event of an interaction's stream. */
export interface InteractionEvent extends JsonObject {
  readonly event_type: string;
  /** Opaque; given back as `last_event_id` it resumes the stream behind this event. */
  readonly event_id: string;
}

/**
 * All events of a job up to now, in order. They follow from its history, so that every stream of it, whenever opened,
 * sees the same ones with the same ids. The last one of a job that has ended is always `interaction.completed`.
 */
export function interactionEvents(job: Job, settings: Settings): InteractionEvent[] {
  const [created, ...later] = job.history;
  const final = job.ended ? later.pop() : undefined;
  const partial = { ...interactionResource(job, { steps: false }), status: created?.status };
  const events: JsonObject[] = [{ event_type: 'interaction.created', interaction: withoutOutcome(partial) }];
  for (const { status } of later) {
    events.push({ event_type: 'interaction.status_update', interaction_id: job.spec.id, status });
  }
  if (final !== undefined) events.push(...outputEvents(job), completedEvent(job, settings));
  return events.map((event, i) => ({ ...event, event_id: eventId(job, i) }) as InteractionEvent);
}

function outputEvents(job: Job): JsonObject[] {
  const content = contentOf(job);
  if (content === undefined) return [];
  return [
    { event_type: 'step.start', index: 0, step: { type: 'model_output' } },
    { event_type: 'step.delta', index: 0, delta: content },
    { event_type: 'step.stop', index: 0, usage: usageOf(job, false) },
  ];
}

function completedEvent(job: Job, settings: Settings): JsonObject {
  const { completedEventHasSteps: steps, usageWhenCancelled } = settings;
  return { event_type: 'interaction.completed', interaction: interactionResource(job, { steps, usageWhenCancelled }) };
}

function withoutOutcome(resource: JsonObject): JsonObject {
  const { created } = resource;
  return Object.fromEntries(
    Object.entries({ ...resource, updated: created }).filter(([name]) => name !== 'usage' && name !== 'errors'),
  );
}

const eventId = (job: Job, position: number): string => btoa(`${job.spec.id?.slice(0, 11) ?? ''}/${position}`);
