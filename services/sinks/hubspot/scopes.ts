const contacts = [
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
  'crm.schemas.contacts.read',
  'crm.schemas.contacts.write',
] as const

/** Scopes that the app needs, by what for (the guides of contacts, properties, tasks, owners, custom events and marketing events). */
export const scopes = {
  contacts,
  companies: [
    'crm.objects.companies.read',
    'crm.objects.companies.write',
    'crm.schemas.companies.read',
    'crm.schemas.companies.write',
  ],
  /** Activities have no scopes of their own: they come with those of contacts. */
  tasks: [...contacts, 'crm.objects.owners.read'],
  marketingEvents: ['crm.objects.marketing_events.read', 'crm.objects.marketing_events.write'],
  events: ['behavioral_events.event_definitions.read_write', 'analytics.behavioral_events.send'],
} as const
