/** What a code of a dead letter means, and what is to be done before it is sent again. */
export interface Advice {
  readonly meaning: string
  readonly advice: string
}

/** By code, for `tributary dead-letters show` and docs/reference.md. A code is stable; its message names the case. */
export const advices = {
  HANDLER_FAILED: {
    meaning: 'The handler of the consumer threw for this event.',
    advice:
      'Add the event to the test of the consumer, mend the handler, restart the consumer, then retry the dead letter.',
  },
  UNDECODABLE: {
    meaning: 'The bytes are not what the schema they name says, or not in the framing of the registry.',
    advice:
      'Find who produced it by its headers and offset. If their schema in the registry was wrong, correct it there and retry. Bytes that are broken stay so: let the producer send the event again and drop this one.',
  },
  SCHEMA_UNKNOWN: {
    meaning: 'The record names a schema id that the registry does not have.',
    advice: 'Register the schema in the registry that SCHEMA_REGISTRY_URL names, then retry the dead letter.',
  },
  KEY_MISSING: {
    meaning: 'The record has no key, so it belongs to no state row.',
    advice:
      'Let the producer send it again with the key that the topic asks for (topology/graph.md), and drop this one.',
  },
  VALUE_MISSING: {
    meaning: 'A null value came on a stream, under a key that is no alias.',
    advice: 'Drop it. To forget a person use `tributary erase <alias>`.',
  },
  PERSON_UNKNOWN: {
    meaning: 'No identity is known of the person that the event or write names.',
    advice: 'Check that the identity resolver runs and that a source claims the alias, then retry the dead letter.',
  },
  PARK_LIMIT: {
    meaning: 'The event waited for its person for PARK_LIMIT, and no identity appeared.',
    advice: 'Let a source claim the alias, then retry: the event goes back to the input, and waits again if it must.',
  },
  ALIAS_MALFORMED: {
    meaning: 'An alias is not written as `email:ada@example.com`, `user:42` and the like.',
    advice:
      'Let the producer write the alias as the message says and send the record again, and drop this one; or accept the spelling in services/identity/aliases.ts, restart, and retry.',
  },
  CLAIM_INVALID: {
    meaning: 'An identity claim is beyond what can be taken.',
    advice: 'Let the source send a claim as the message says, and drop this one.',
  },
  PERSON_TOO_LARGE: {
    meaning: 'A claim would make one person of very many aliases.',
    advice:
      'Look for an alias that many people share (a mailbox, a test account), tell it apart or stop sending it, then retry the dead letter.',
  },
  UNENCODABLE: {
    meaning: 'What was made of the record does not fit the schema of the topic that it goes to.',
    advice: 'Mend what makes the value at the paths of the message, restart the service, then retry the dead letter.',
  },
  UNDECLARED_OUTPUT: {
    meaning: 'The consumer asked for something that its `writes` does not list.',
    advice: 'Add it to `writes`, restart the consumer, then retry the dead letter.',
  },
  WRITE_WITHOUT_PERSON: {
    meaning: 'The consumer asked for a write for an event that names nobody.',
    advice: 'Return no writes when `person` is null, restart the consumer, then retry the dead letter.',
  },
  RECORD_TOO_LARGE: {
    meaning: 'What was made of the record is larger than its topic takes (max.message.bytes).',
    advice: 'Make the value smaller, or raise the setting of the topic, then retry the dead letter.',
  },
  ZOOM_WEBHOOK_BROKEN: {
    meaning: 'A webhook lacks fields that Zoom describes, or has them in another form.',
    advice:
      'Compare the body with the paths in the message. If Zoom changed its form, mend services/producers/zoom/webhook.ts, restart the ingest, then retry: the bytes are mapped as the ingest does it.',
  },
  SEGMENT_MESSAGE_BROKEN: {
    meaning: 'A message of a Segment SDK or webhook is no object, or lacks what its type needs.',
    advice:
      'Mend the call that the message names in the application that sends it, and drop this one. If Segment describes it so by now, mend services/producers/segment/records.ts, restart the ingest, then retry.',
  },
  SEGMENT_MESSAGE_TOO_LARGE: {
    meaning: 'A message of a Segment SDK is larger than the 32 KiB that Segment takes.',
    advice: 'Let the application send less in one call, and drop this one.',
  },
  SEGMENT_BATCH_TOO_LONG: {
    meaning: 'A batch held more than the 2,500 messages that Segment takes; these are the ones that followed.',
    advice: 'Retry it: the messages are taken one by one. Then let the application send smaller batches.',
  },
  SEGMENT_TYPE_UNKNOWN: {
    meaning: 'A message is of no type that Segment describes, or of none.',
    advice:
      'Mend the application that sends it, and drop this one. An erasure (`delete`) is taken from the webhook of Segment only: use `tributary erase <alias>`.',
  },
  SEGMENT_USER_MISSING: {
    meaning: 'A message names nobody: it has neither a userId nor an anonymousId, or only a placeholder.',
    advice: 'Mend the application that sends it, and drop this one: whom it was about cannot be known.',
  },
  PENDO_WEBHOOK_BROKEN: {
    meaning: 'A webhook of Pendo is no object, or lacks what its event needs.',
    advice:
      'Compare it with the message. If Pendo changed its form, mend services/producers/pendo/webhook.ts and restart the ingest. Drop the letter: the sweep tells usage that was not told, and an account with its metadata.',
  },
  PENDO_VISITOR_MISSING: {
    meaning: 'A webhook of Pendo names nobody: it has no visitorId, or the placeholder of the installation snippet.',
    advice: 'Mend the installation of Pendo in the product, and drop this one: whom it was about cannot be known.',
  },
  HUBSPOT_WEBHOOK_BROKEN: {
    meaning: 'A webhook of HubSpot is no object, or lacks what its change needs.',
    advice:
      'Compare it with the message. If HubSpot changed its form, mend services/producers/hubspot/changes.ts, restart the ingest, then retry: it is mapped as the ingest does it. What is neither retried nor dropped the sweep tells, but for an erasure (privacyDeletion).',
  },
  OPERATION_UNSUPPORTED: {
    meaning: 'The sink cannot do what the write asks for.',
    advice:
      'Correct the consumer that asks for it. Replay its input, and drop this one; or retry once the sink can do it.',
  },
  HUBSPOT_EVENT_NOT_DEFINED: {
    meaning: 'HubSpot defines no custom event for what happened.',
    advice:
      'An account has at most 500 definitions, and the name of one that was deleted cannot be used again. Remove definitions in HubSpot that nobody needs, or select fewer events in topology/pendo-to-hubspot.ts; then retry the letters of those you want.',
  },
  SALESFORCE_TASK_NOT_MADE: {
    meaning:
      'A change of a task that has no copy in Salesforce, because the write that would have made it was set aside.',
    advice:
      'Retry the letter of that first write together with this one, the key names both: whatever their order, the task ends with the newest values. When the first was dropped, drop this one.',
  },
  HUBSPOT_TASK_NOT_MADE: {
    meaning: 'A change of a task that has no copy in HubSpot, because the write that would have made it was set aside.',
    advice:
      'Retry the letter of that first write together with this one, the key names both: whatever their order, the task ends with the newest values. When the first was dropped, drop this one.',
  },
  RECORD_GONE: {
    meaning: 'The record at the vendor was gone each time it was resolved again.',
    advice: 'Look at the record at the vendor, restore or merge it there, then retry the dead letter.',
  },
  DELIVERY_FAILED: {
    meaning: 'Handling the request failed in the sink itself.',
    advice: 'The log of the sink says more. Mend it, restart the sink, then retry the dead letter.',
  },
} as const satisfies Readonly<Record<string, Advice>>

/** What to do about a letter; what a vendor refused under a code of its own is told by its write. */
export const adviceFor = ({ code, writeId }: { readonly code: string; readonly writeId: string | null }): Advice => {
  if (Object.hasOwn(advices, code)) return advices[code as keyof typeof advices]
  return writeId === null ? otherwise : refusedByVendor
}

/** Every other code of a write is the vendor's. */
export const refusedByVendor: Advice = {
  meaning: 'The destination refused the write, or did not answer well for as long as it is tried.',
  advice:
    'The message names the fields and what is wrong with them. Mend the mapping, the field or the access at the vendor, then retry: a newer value that was delivered since is not overwritten.',
}

const otherwise: Advice = {
  meaning: 'A reason of another program.',
  advice: 'The message says what was expected and what came. Mend it, then retry; or drop the letter.',
}
