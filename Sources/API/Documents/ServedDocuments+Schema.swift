// swift-format-ignore-file
// Made by scripts/embed from docs/definition.schema.json: change that file, and run the script.

extension ServedDocuments {
    /// The JSON Schema of definitions.
    static let definitionSchemaText: StaticString = ###"""
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:procession:definition",
  "title": "Procession: a process definition",
  "description": "What can be seen without reading expressions. The service checks more: names that refer to something, expressions and their variables, loops without a wait.",
  "type": "object",
  "properties": {
    "name": {
      "description": "The name under which the definition is stored.",
      "allOf": [
        {
          "$ref": "#/$defs/name"
        }
      ],
      "not": {
        "enum": [
          "task",
          "published"
        ]
      }
    },
    "description": {
      "description": "Text for people, shown in lists.",
      "type": "string"
    },
    "events": {
      "description": "The event types that processes listen to, and how each finds its process.",
      "type": "object",
      "propertyNames": {
        "$ref": "#/$defs/eventType"
      },
      "additionalProperties": {
        "$ref": "#/$defs/event"
      }
    },
    "data": {
      "$ref": "#/$defs/objectTemplate",
      "description": "The process data at the start.",
      "default": {}
    },
    "initial": {
      "$ref": "#/$defs/name",
      "description": "The state in which the only machine, 'main', begins."
    },
    "states": {
      "$ref": "#/$defs/states",
      "description": "The states of the only machine, 'main'."
    },
    "machines": {
      "description": "Several machines, by name; instead of 'initial' and 'states'.",
      "type": "object",
      "minProperties": 1,
      "propertyNames": {
        "$ref": "#/$defs/name"
      },
      "additionalProperties": {
        "$ref": "#/$defs/machine"
      }
    },
    "restart": {
      "description": "A start event after the end starts another process under the same key.",
      "type": "boolean",
      "default": false
    },
    "on_cancel": {
      "description": "What a cancel request means where it says nothing.",
      "type": "object",
      "properties": {
        "mode": {
          "description": "'cooperative' lets workers finish what they hold; 'hard' does not wait for them.",
          "enum": [
            "hard",
            "cooperative"
          ],
          "default": "hard"
        },
        "compensate": {
          "description": "The undo tasks run before the end.",
          "type": "boolean",
          "default": false
        },
        "deadline": {
          "$ref": "#/$defs/duration",
          "description": "The longest wait for workers, from the request on; for 'cooperative'."
        }
      },
      "additionalProperties": false
    }
  },
  "required": [
    "name",
    "events"
  ],
  "additionalProperties": false,
  "allOf": [
    {
      "$comment": "One machine or several.",
      "oneOf": [
        {
          "required": [
            "initial",
            "states"
          ],
          "not": {
            "required": [
              "machines"
            ]
          }
        },
        {
          "required": [
            "machines"
          ],
          "not": {
            "anyOf": [
              {
                "required": [
                  "initial"
                ]
              },
              {
                "required": [
                  "states"
                ]
              }
            ]
          }
        }
      ]
    },
    {
      "$comment": "Only with 'restart' may a start event be held.",
      "if": {
        "properties": {
          "restart": {
            "const": true
          }
        },
        "required": [
          "restart"
        ]
      },
      "else": {
        "properties": {
          "events": {
            "additionalProperties": {
              "if": {
                "properties": {
                  "route": {
                    "const": "start"
                  }
                },
                "required": [
                  "route"
                ]
              },
              "then": {
                "not": {
                  "required": [
                    "when_missing"
                  ]
                }
              }
            }
          }
        }
      }
    }
  ],
  "$defs": {
    "name": {
      "description": "A letter, then letters, digits, '_' and '-', at most 64.",
      "type": "string",
      "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
    },
    "type": {
      "description": "Up to 255 visible characters, no spaces.",
      "type": "string",
      "pattern": "^\\S{1,255}$"
    },
    "eventType": {
      "description": "An event type: no ':' and none of the types that the engine records.",
      "type": "string",
      "pattern": "^[^\\s:]{1,255}$",
      "not": {
        "enum": [
          "completed",
          "failed",
          "cancelled",
          "ProcessStarted",
          "TransitionPlanned",
          "TaskCompleted",
          "TaskFailed",
          "TaskCancelled",
          "EventDeferred",
          "DeferredEventOffered",
          "StepContinued",
          "TimerScheduled",
          "TimerFired",
          "CommandIssued",
          "IncidentRaised",
          "IncidentResolved",
          "ProcessCancellationRequested",
          "ProcessSuspended",
          "ProcessResumed",
          "ProcessMigrated",
          "CompensationStarted",
          "ProcessCancelled",
          "ProcessCompleted",
          "ProcessFailed",
          "ChildRequested"
        ]
      }
    },
    "duration": {
      "description": "Such as 250ms, 30s, 1h30m, 72h: the units h, m, s, ms, each at most once and in this order.",
      "type": "string",
      "pattern": "^(?=[0-9])([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$|^([0-9]+h)?([0-9]+m)?([0-9]+s)?[0-9]+\\.[0-9]+(h|m|s|ms)$"
    },
    "timeout": {
      "description": "A duration longer than nothing.",
      "allOf": [
        {
          "$ref": "#/$defs/duration"
        }
      ],
      "pattern": "[1-9]"
    },
    "expression": {
      "description": "A CEL expression of at most 4 KiB.",
      "type": "string",
      "minLength": 1,
      "maxLength": 4096
    },
    "template": {
      "description": "JSON in which a string that is exactly ${expression} becomes its value, and ${expression} inside a longer string its text. $${ is a literal ${."
    },
    "objectTemplate": {
      "description": "A template that gives an object.",
      "oneOf": [
        {
          "type": "object"
        },
        {
          "type": "string",
          "pattern": "^\\$\\{[\\s\\S]*\\}$"
        }
      ]
    },
    "text": {
      "description": "A template that gives text.",
      "type": "string"
    },
    "event": {
      "description": "How an event finds its process.",
      "type": "object",
      "properties": {
        "key": {
          "$ref": "#/$defs/expression",
          "description": "Over 'event': gives the key of the process, a string or an integer."
        },
        "route": {
          "description": "'start' starts a process if none with this key is running; 'continue' never does.",
          "enum": [
            "start",
            "continue"
          ],
          "default": "continue"
        },
        "by": {
          "$ref": "#/$defs/type",
          "description": "The name of a correlation: the key is looked up there and not among the process keys."
        },
        "when_ended": {
          "description": "What becomes of an event whose process has ended, beside the answer: kept as unmatched, or nothing.",
          "enum": [
            "keep",
            "ignore"
          ]
        },
        "when_missing": {
          "description": "What becomes of an event when there was never a process with its key: kept as unmatched, refused, or held for some time.",
          "oneOf": [
            {
              "enum": [
                "ignore",
                "reject"
              ]
            },
            {
              "description": "Delivered as soon as a process gains the key.",
              "type": "object",
              "properties": {
                "hold": {
                  "$ref": "#/$defs/duration",
                  "description": "How long the event is kept."
                }
              },
              "additionalProperties": false,
              "required": [
                "hold"
              ]
            }
          ],
          "default": "ignore"
        }
      },
      "additionalProperties": false,
      "required": [
        "key"
      ],
      "allOf": [
        {
          "$comment": "A start event is located by the process key; it may be held, nothing else.",
          "if": {
            "properties": {
              "route": {
                "const": "start"
              }
            },
            "required": [
              "route"
            ]
          },
          "then": {
            "properties": {
              "when_missing": {
                "type": "object"
              }
            },
            "not": {
              "required": [
                "by"
              ]
            }
          }
        }
      ]
    },
    "machine": {
      "description": "A state machine: one that starts with the process, or with 'spawn' one for each element of a list.",
      "type": "object",
      "properties": {
        "initial": {
          "$ref": "#/$defs/name",
          "description": "The state in which it begins."
        },
        "states": {
          "$ref": "#/$defs/states"
        },
        "spawn": {
          "description": "Machines made from the elements of a list when an event comes.",
          "type": "object",
          "properties": {
            "on": {
              "description": "The type of the event, posted, raised or 'ChildRequested'.",
              "anyOf": [
                {
                  "const": "ChildRequested"
                },
                {
                  "$ref": "#/$defs/eventType"
                }
              ]
            },
            "for_each": {
              "$ref": "#/$defs/expression",
              "description": "Over 'event', 'data' and 'process': gives the list."
            },
            "id": {
              "$ref": "#/$defs/expression",
              "description": "Over 'item' as well: the id of the machine for one element, a string or an integer.",
              "default": "item"
            }
          },
          "additionalProperties": false,
          "required": [
            "on",
            "for_each"
          ]
        }
      },
      "additionalProperties": false,
      "required": [
        "initial",
        "states"
      ]
    },
    "states": {
      "description": "The states, by name.",
      "type": "object",
      "minProperties": 1,
      "propertyNames": {
        "allOf": [
          {
            "$ref": "#/$defs/name"
          }
        ],
        "not": {
          "const": "total"
        }
      },
      "additionalProperties": {
        "$ref": "#/$defs/state"
      }
    },
    "state": {
      "description": "What happens in a state.",
      "type": "object",
      "properties": {
        "task": {
          "$ref": "#/$defs/anyTask",
          "description": "Planned when the state is entered, cancelled when it is left."
        },
        "on": {
          "description": "Trigger → a transition, or a list of which the first whose 'when' holds is taken. A trigger is an event type, an outcome of the state's own task (completed, failed, cancelled), or that of a side task (completed:<task type>).",
          "type": "object",
          "propertyNames": {
            "type": "string",
            "anyOf": [
              {
                "pattern": "^[^:]*$"
              },
              {
                "pattern": "^(completed|failed|cancelled):\\S{1,255}$"
              }
            ]
          },
          "properties": {
            "completed": {
              "description": "The state's own task completed.",
              "oneOf": [
                {
                  "$ref": "#/$defs/transition"
                },
                {
                  "type": "array",
                  "items": {
                    "$ref": "#/$defs/transition"
                  }
                }
              ]
            },
            "failed": {
              "description": "The state's own task failed for good. Without a transition that takes it, an incident waits for an operator.",
              "oneOf": [
                {
                  "$ref": "#/$defs/transition"
                },
                {
                  "type": "array",
                  "items": {
                    "$ref": "#/$defs/transition"
                  }
                }
              ]
            },
            "cancelled": {
              "description": "A worker gave up the state's own task for good.",
              "oneOf": [
                {
                  "$ref": "#/$defs/transition"
                },
                {
                  "type": "array",
                  "items": {
                    "$ref": "#/$defs/transition"
                  }
                }
              ]
            }
          },
          "additionalProperties": {
            "oneOf": [
              {
                "$ref": "#/$defs/transition"
              },
              {
                "type": "array",
                "items": {
                  "$ref": "#/$defs/transition"
                }
              }
            ]
          }
        },
        "after": {
          "description": "Timers that start when the state is entered and fall silent when it is left: one, or a list.",
          "oneOf": [
            {
              "$ref": "#/$defs/timer"
            },
            {
              "type": "array",
              "items": {
                "$ref": "#/$defs/timer"
              }
            }
          ]
        },
        "always": {
          "description": "Transitions tried whenever something they read has changed: one, or a list.",
          "oneOf": [
            {
              "$ref": "#/$defs/transition"
            },
            {
              "type": "array",
              "items": {
                "$ref": "#/$defs/transition"
              }
            }
          ]
        },
        "defer": {
          "description": "Event types that wait for the next state.",
          "type": "array",
          "items": {
            "$ref": "#/$defs/eventType"
          }
        },
        "final": {
          "description": "Nothing happens here any more. The process completes when every machine is in a final state.",
          "type": "boolean",
          "default": false
        },
        "result": {
          "$ref": "#/$defs/template",
          "description": "Of a final state: what the machine gives."
        }
      },
      "additionalProperties": false,
      "allOf": [
        {
          "if": {
            "properties": {
              "final": {
                "const": true
              }
            },
            "required": [
              "final"
            ]
          },
          "then": {
            "$comment": "A final state has nothing but a result.",
            "not": {
              "anyOf": [
                {
                  "required": [
                    "task"
                  ]
                },
                {
                  "required": [
                    "on"
                  ]
                },
                {
                  "required": [
                    "after"
                  ]
                },
                {
                  "required": [
                    "always"
                  ]
                },
                {
                  "required": [
                    "defer"
                  ]
                }
              ]
            }
          },
          "else": {
            "$comment": "Only a final state has a result.",
            "not": {
              "required": [
                "result"
              ]
            }
          }
        }
      ]
    },
    "transition": {
      "description": "What happens when a trigger is taken.",
      "type": "object",
      "properties": {
        "name": {
          "description": "Recorded as the name of the transition; without it the trigger.",
          "type": "string"
        },
        "when": {
          "$ref": "#/$defs/expression",
          "description": "The transition is taken only if this gives true. Without it the transition always holds."
        },
        "to": {
          "$ref": "#/$defs/name",
          "description": "The state to enter, of the same machine. Without it nothing is left or entered."
        },
        "set": {
          "$ref": "#/$defs/objectTemplate",
          "description": "Members of the process data to replace, as a whole."
        },
        "correlate": {
          "description": "Further keys under which the process is found: name → template of a string or an integer. Null adds nothing.",
          "type": "object",
          "propertyNames": {
            "$ref": "#/$defs/type"
          },
          "additionalProperties": {
            "type": [
              "string",
              "integer"
            ]
          }
        },
        "task": {
          "$ref": "#/$defs/anyTask",
          "description": "A side task: planned without leaving the state. It answers to 'completed:<type>' and its like."
        },
        "commands": {
          "description": "Commands to issue: one, or a list.",
          "oneOf": [
            {
              "$ref": "#/$defs/command"
            },
            {
              "type": "array",
              "items": {
                "$ref": "#/$defs/command"
              }
            }
          ]
        },
        "raise": {
          "description": "Internal events for all machines of this process, handled in the same step: one, or a list.",
          "oneOf": [
            {
              "$ref": "#/$defs/raise"
            },
            {
              "type": "array",
              "items": {
                "$ref": "#/$defs/raise"
              }
            }
          ]
        },
        "publish": {
          "description": "Events given back to the service, for other processes, this one and all readers: one, or a list.",
          "oneOf": [
            {
              "$ref": "#/$defs/publish"
            },
            {
              "type": "array",
              "items": {
                "$ref": "#/$defs/publish"
              }
            }
          ]
        },
        "complete": {
          "$ref": "#/$defs/template",
          "description": "Ends the process as Completed, with this result."
        },
        "cancel": {
          "$ref": "#/$defs/text",
          "description": "Ends the process as Cancelled, for this reason."
        },
        "fail": {
          "$ref": "#/$defs/text",
          "description": "Ends the process as Failed, for this reason."
        },
        "compensate": {
          "description": "With 'cancel' or 'fail': the undo tasks run before the end.",
          "type": "boolean",
          "default": false
        }
      },
      "additionalProperties": false,
      "allOf": [
        {
          "$comment": "At most one end.",
          "not": {
            "anyOf": [
              {
                "required": [
                  "complete",
                  "cancel"
                ]
              },
              {
                "required": [
                  "complete",
                  "fail"
                ]
              },
              {
                "required": [
                  "cancel",
                  "fail"
                ]
              }
            ]
          }
        },
        {
          "$comment": "Only 'cancel' and 'fail' compensate.",
          "if": {
            "properties": {
              "compensate": {
                "const": true
              }
            },
            "required": [
              "compensate"
            ]
          },
          "then": {
            "anyOf": [
              {
                "required": [
                  "cancel"
                ]
              },
              {
                "required": [
                  "fail"
                ]
              }
            ]
          }
        },
        {
          "$comment": "Nothing is raised by a transition that ends the process.",
          "if": {
            "anyOf": [
              {
                "required": [
                  "complete"
                ]
              },
              {
                "required": [
                  "cancel"
                ]
              },
              {
                "required": [
                  "fail"
                ]
              }
            ]
          },
          "then": {
            "properties": {
              "raise": {
                "type": "array",
                "maxItems": 0
              }
            }
          }
        }
      ]
    },
    "timer": {
      "description": "A transition that is taken when a time has come.",
      "type": "object",
      "properties": {
        "delay": {
          "description": "After this long: a duration, or a template that gives one.",
          "type": "string",
          "anyOf": [
            {
              "$ref": "#/$defs/duration"
            },
            {
              "pattern": "\\$\\{"
            }
          ]
        },
        "at": {
          "$ref": "#/$defs/expression",
          "description": "At this time: gives a timestamp, or the text of one."
        },
        "name": {
          "$ref": "#/$defs/transition/properties/name"
        },
        "when": {
          "$ref": "#/$defs/transition/properties/when"
        },
        "to": {
          "$ref": "#/$defs/transition/properties/to"
        },
        "set": {
          "$ref": "#/$defs/transition/properties/set"
        },
        "correlate": {
          "$ref": "#/$defs/transition/properties/correlate"
        },
        "task": {
          "$ref": "#/$defs/transition/properties/task"
        },
        "commands": {
          "$ref": "#/$defs/transition/properties/commands"
        },
        "raise": {
          "$ref": "#/$defs/transition/properties/raise"
        },
        "publish": {
          "$ref": "#/$defs/transition/properties/publish"
        },
        "complete": {
          "$ref": "#/$defs/transition/properties/complete"
        },
        "cancel": {
          "$ref": "#/$defs/transition/properties/cancel"
        },
        "fail": {
          "$ref": "#/$defs/transition/properties/fail"
        },
        "compensate": {
          "$ref": "#/$defs/transition/properties/compensate"
        }
      },
      "additionalProperties": false,
      "allOf": [
        {
          "$comment": "A delay or a time.",
          "oneOf": [
            {
              "required": [
                "delay"
              ]
            },
            {
              "required": [
                "at"
              ]
            }
          ]
        },
        {
          "$comment": "At most one end.",
          "not": {
            "anyOf": [
              {
                "required": [
                  "complete",
                  "cancel"
                ]
              },
              {
                "required": [
                  "complete",
                  "fail"
                ]
              },
              {
                "required": [
                  "cancel",
                  "fail"
                ]
              }
            ]
          }
        },
        {
          "$comment": "Only 'cancel' and 'fail' compensate.",
          "if": {
            "properties": {
              "compensate": {
                "const": true
              }
            },
            "required": [
              "compensate"
            ]
          },
          "then": {
            "anyOf": [
              {
                "required": [
                  "cancel"
                ]
              },
              {
                "required": [
                  "fail"
                ]
              }
            ]
          }
        },
        {
          "$comment": "Nothing is raised by a transition that ends the process.",
          "if": {
            "anyOf": [
              {
                "required": [
                  "complete"
                ]
              },
              {
                "required": [
                  "cancel"
                ]
              },
              {
                "required": [
                  "fail"
                ]
              }
            ]
          },
          "then": {
            "properties": {
              "raise": {
                "type": "array",
                "maxItems": 0
              }
            }
          }
        }
      ]
    },
    "task": {
      "description": "Work that a worker claims and does, or, if 'sync', that is computed at once.",
      "type": "object",
      "properties": {
        "type": {
          "$ref": "#/$defs/taskType",
          "description": "What workers claim."
        },
        "input": {
          "$ref": "#/$defs/template",
          "description": "What the worker gets.",
          "default": {}
        },
        "mode": {
          "description": "'sync': no worker; the task completes in the same step with 'result'.",
          "enum": [
            "async",
            "sync"
          ],
          "default": "async"
        },
        "result": {
          "$ref": "#/$defs/template",
          "description": "What a 'sync' task completes with.",
          "default": {}
        },
        "priority": {
          "description": "0 to 9; the highest is handed out first.",
          "type": "integer",
          "minimum": 0,
          "maximum": 9,
          "default": 5
        },
        "retry": {
          "$ref": "#/$defs/retry",
          "description": "When a failed attempt is followed by another one."
        },
        "timeouts": {
          "$ref": "#/$defs/timeouts",
          "description": "How long things may take; without a limit there is none."
        },
        "undo": {
          "$ref": "#/$defs/anyUndo",
          "description": "The task that undoes this one when the process compensates."
        }
      },
      "additionalProperties": false,
      "required": [
        "type"
      ],
      "allOf": [
        {
          "if": {
            "properties": {
              "mode": {
                "const": "sync"
              }
            },
            "required": [
              "mode"
            ]
          },
          "then": {
            "$comment": "It is computed at once.",
            "not": {
              "anyOf": [
                {
                  "required": [
                    "retry"
                  ]
                },
                {
                  "required": [
                    "timeouts"
                  ]
                }
              ]
            }
          },
          "else": {
            "$comment": "A worker gives the result.",
            "not": {
              "required": [
                "result"
              ]
            }
          }
        }
      ]
    },
    "undo": {
      "description": "A task that undoes another one; its input is computed when it is planned, and 'task' is the one to undo.",
      "type": "object",
      "properties": {
        "type": {
          "$ref": "#/$defs/taskType",
          "description": "What workers claim."
        },
        "input": {
          "$ref": "#/$defs/template",
          "description": "What the worker gets.",
          "default": {}
        },
        "priority": {
          "description": "0 to 9; the highest is handed out first.",
          "type": "integer",
          "minimum": 0,
          "maximum": 9,
          "default": 5
        },
        "retry": {
          "$ref": "#/$defs/retry",
          "description": "When a failed attempt is followed by another one."
        },
        "timeouts": {
          "$ref": "#/$defs/timeouts",
          "description": "How long things may take; without a limit there is none."
        },
        "when_unknown": {
          "description": "Undo also if nobody knows what the task did, because it ended without an outcome while a worker held it.",
          "type": "boolean",
          "default": false
        }
      },
      "additionalProperties": false,
      "required": [
        "type"
      ]
    },
    "retry": {
      "description": "Attempts and the delays between them.",
      "type": "object",
      "properties": {
        "max_attempts": {
          "description": "The first attempt included.",
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000,
          "default": 3
        },
        "delay": {
          "$ref": "#/$defs/duration",
          "description": "Before the second attempt.",
          "default": "1s"
        },
        "factor": {
          "description": "Each further delay is the one before times this.",
          "type": "number",
          "minimum": 1,
          "maximum": 1000,
          "default": 2
        },
        "max_delay": {
          "$ref": "#/$defs/duration",
          "description": "No computed delay is longer.",
          "default": "1m"
        },
        "jitter": {
          "description": "A delay varies by up to this part of it, up or down.",
          "type": "number",
          "minimum": 0,
          "maximum": 1,
          "default": 0
        },
        "never": {
          "description": "Failure codes after which there is no further attempt.",
          "type": "array",
          "items": {
            "type": "string"
          },
          "default": []
        }
      },
      "additionalProperties": false
    },
    "timeouts": {
      "description": "Limits of a task.",
      "type": "object",
      "properties": {
        "claim": {
          "$ref": "#/$defs/timeout",
          "description": "Waiting to be claimed; then the task failed with the code claim_timeout."
        },
        "attempt": {
          "$ref": "#/$defs/timeout",
          "description": "One attempt; then it failed with the code attempt_timeout."
        },
        "heartbeat": {
          "$ref": "#/$defs/timeout",
          "description": "Silence of the worker; then the attempt failed with the code lease_expired."
        },
        "total": {
          "$ref": "#/$defs/timeout",
          "description": "From planning to the final outcome; then the task failed with the code total_timeout."
        }
      },
      "additionalProperties": false
    },
    "command": {
      "description": "A command for the outside world.",
      "type": "object",
      "properties": {
        "command": {
          "$ref": "#/$defs/type",
          "description": "Its name."
        },
        "payload": {
          "$ref": "#/$defs/template",
          "description": "What it carries.",
          "default": {}
        }
      },
      "additionalProperties": false,
      "required": [
        "command"
      ]
    },
    "raise": {
      "description": "An internal event.",
      "type": "object",
      "properties": {
        "type": {
          "$ref": "#/$defs/eventType",
          "description": "Its type."
        },
        "data": {
          "$ref": "#/$defs/template",
          "description": "Its data.",
          "default": {}
        }
      },
      "additionalProperties": false,
      "required": [
        "type"
      ]
    },
    "taskType": {
      "description": "Up to 255 visible characters, no spaces; 'process:' begins those of child processes.",
      "type": "string",
      "pattern": "^\\S{1,255}$",
      "not": {
        "pattern": "^process:"
      }
    },
    "child": {
      "description": "A child process: started when the task is planned; its end is the outcome.",
      "type": "object",
      "properties": {
        "process": {
          "description": "The name of the child's definition.",
          "allOf": [
            {
              "$ref": "#/$defs/name"
            }
          ],
          "not": {
            "enum": [
              "task",
              "published"
            ]
          }
        },
        "key": {
          "$ref": "#/$defs/expression",
          "description": "The key of the child: a string or an integer."
        },
        "data": {
          "$ref": "#/$defs/template",
          "description": "What the child sees as 'event.data'.",
          "default": {}
        },
        "timeouts": {
          "description": "Limits of a child process.",
          "type": "object",
          "properties": {
            "total": {
              "$ref": "#/$defs/timeout",
              "description": "From planning to the child's end; then the task failed with the code total_timeout, and the child is cancelled."
            }
          },
          "additionalProperties": false
        },
        "undo": {
          "$ref": "#/$defs/anyUndo",
          "description": "What undoes the child's work when the process compensates."
        }
      },
      "additionalProperties": false,
      "required": [
        "process",
        "key"
      ]
    },
    "childUndo": {
      "description": "A child process that undoes a task.",
      "type": "object",
      "properties": {
        "process": {
          "description": "The name of the child's definition.",
          "allOf": [
            {
              "$ref": "#/$defs/name"
            }
          ],
          "not": {
            "enum": [
              "task",
              "published"
            ]
          }
        },
        "key": {
          "$ref": "#/$defs/expression",
          "description": "The key of the child: a string or an integer."
        },
        "data": {
          "$ref": "#/$defs/template",
          "description": "What the child sees as 'event.data'.",
          "default": {}
        },
        "timeouts": {
          "description": "Limits of a child process.",
          "type": "object",
          "properties": {
            "total": {
              "$ref": "#/$defs/timeout",
              "description": "From planning to the child's end; then the task failed with the code total_timeout, and the child is cancelled."
            }
          },
          "additionalProperties": false
        },
        "when_unknown": {
          "description": "Undo also if nobody knows what the task did, because it ended without an outcome while a worker held it.",
          "type": "boolean",
          "default": false
        }
      },
      "additionalProperties": false,
      "required": [
        "process",
        "key"
      ]
    },
    "anyTask": {
      "description": "Work for a worker, or a child process.",
      "if": {
        "required": [
          "process"
        ]
      },
      "then": {
        "$ref": "#/$defs/child"
      },
      "else": {
        "$ref": "#/$defs/task"
      }
    },
    "anyUndo": {
      "description": "Work for a worker, or a child process.",
      "if": {
        "required": [
          "process"
        ]
      },
      "then": {
        "$ref": "#/$defs/childUndo"
      },
      "else": {
        "$ref": "#/$defs/undo"
      }
    },
    "publish": {
      "description": "An event for everybody who listens.",
      "type": "object",
      "properties": {
        "type": {
          "$ref": "#/$defs/eventType",
          "description": "Its type."
        },
        "data": {
          "$ref": "#/$defs/template",
          "description": "Its data.",
          "default": {}
        }
      },
      "additionalProperties": false,
      "required": [
        "type"
      ]
    }
  }
}

"""###
}
