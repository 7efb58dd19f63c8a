import { contentOf, interactionResource } from './interaction-resource.js';
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
  const [first, ...later] = job.history;
  if (job.ended) later.pop();
  const updates = first?.status === 'queued' ? later : [first, ...later];
  const interaction_id = job.spec.interaction?.isStored === false ? '' : job.spec.id;
  const events: JsonObject[] = [
    { interaction: createdInteraction(job, first?.status, interaction_id), event_type: 'interaction.created' },
    ...updates.map((update) => ({ interaction_id, status: update?.status, event_type: 'interaction.status_update' })),
    ...(job.ended ? [...outputEvents(job), completedEvent(job, settings)] : []),
  ];
  return events.map((event, i) => ({ ...event, event_id: eventId(job, i) }) as InteractionEvent);
}

function createdInteraction(job: Job, status: string | undefined, id: string | undefined): JsonObject {
  const { model, interaction } = job.spec;
  return { id, status, object: 'interaction', [interaction?.isAgent === true ? 'agent' : 'model']: model };
}

/** Makes one step for the thought, and one for its result. The whole signature is one delta, and so is the whole image. */
function outputEvents(job: Job): JsonObject[] {
  const content = contentOf(job);
  if (content === undefined) return [];
  return [
    ...stepEvents(0, 'thought', { signature: job.signature, type: 'thought_signature' }),
    ...stepEvents(1, 'model_output', content),
  ];
}

const stepEvents = (index: number, type: string, delta: JsonObject): JsonObject[] => [
  { index, step: { type }, event_type: 'step.start' },
  { index, delta, event_type: 'step.delta' },
  { index, event_type: 'step.stop' },
];

function completedEvent(job: Job, settings: Settings): JsonObject {
  const resource = interactionResource(job, settings, settings.completedEventHasSteps ? undefined : []);
  return { interaction: { id: '', ...resource }, event_type: 'interaction.completed' };
}

const eventId = (job: Job, position: number): string => btoa(`${job.spec.id?.slice(0, 11) ?? ''}/${position}`);
