"""Stack sets: one template, kept as stacks in many accounts and regions by roles that are really assumed.

calls        the API                               work      one operation: regions in order, accounts side by side
preferences  how wide, and how many may fail       roles     administration role -> execution role -> target account
instances    one stack of the set                  drift     what the stacks of a set really are
targets      accounts by number or by unit     organization  trust, administrators, members
linked       the service's own roles           automatic     accounts that move are followed
resource     AWS::CloudFormation::StackSet         describe  answers in the shapes of the API

Source: CloudFormation User Guide, "StackSets concepts", "Prerequisites for using StackSets", "Status codes".
"""
