import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';
import type * as testing from '../../src/testing/index.js';
import * as webhooks from '../../src/webhooks.js';

test('the option webhook', () => {
  expectTypeOf<library.OperationOptions['webhook']>().toEqualTypeOf<library.Webhook | undefined>();
  expectTypeOf<{ uris: string[] }>().toExtend<library.Webhook>();
  expectTypeOf<{ uris: string }>().not.toExtend<library.Webhook>();
});

test('a receiver takes a client, and answers requests', () => {
  expectTypeOf(webhooks.receiver).parameters.toEqualTypeOf<[webhooks.ReceiverOptions]>();
  expectTypeOf(webhooks.receiver).returns.toEqualTypeOf<webhooks.Receiver>();
  expectTypeOf<webhooks.Receiver['handle']>().toEqualTypeOf<(request: Request) => Promise<Response>>();
  expectTypeOf<{ images: library.CancelableImages; secrets: string[] }>().toExtend<webhooks.ReceiverOptions>();
  expectTypeOf<{ secrets: string[] }>().not.toExtend<webhooks.ReceiverOptions>();
});

test('the webhooks of the emulator', () => {
  expectTypeOf<testing.EmulatorOptions['webhooks']>().toEqualTypeOf<testing.WebhookSettings | undefined>();
  expectTypeOf<testing.WebhookSettings['registered']>().toEqualTypeOf<
    readonly testing.RegisteredWebhook[] | undefined
  >();
  expectTypeOf<testing.Meter['deliveries']>().toEqualTypeOf<readonly testing.DeliveryRecord[]>();
});
