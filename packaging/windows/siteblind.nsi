; Installer of the desktop program for Windows, CPU edition (NSIS ends at 2 GB; siteblind.iss is for more).
;   makensis -DPAYLOAD=FOLDER -DVERSION=0.1.0 -DOUTPUT=SiteBlind-0.1.0.exe siteblind.nsi
;
; SiteBlind-0.1.0.exe                       for this person, no administrator, with questions
; SiteBlind-0.1.0.exe /S                    the same, silently
; SiteBlind-0.1.0.exe /S /ALLUSERS          for everybody; to be run as administrator
; SiteBlind-0.1.0.exe /S /D=C:\Some\Folder  elsewhere; /D is the last option and has no quotes
; Uninstall.exe /S                          removes the program; projects and settings stay
;
; Exit code 0: done; 1: cancelled; 2: not done, for example because SiteBlind is running.

Unicode true
Target amd64-unicode
RequestExecutionLevel user
SetCompressor /SOLID lzma
ManifestDPIAware true

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

!define NAME "SiteBlind"
!define PROGRAM "siteblind-desktop.exe"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define BACKUP "SiteBlind.Backup"

Name "${NAME} ${VERSION}"
OutFile "${OUTPUT}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey FileDescription "Installs ${NAME}. Research use only."
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey LegalCopyright "The SiteBlind authors. Apache License 2.0"

; -DSIGN="python -m installers.signing" signs the installer, and the program that uninstalls.
!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

!insertmacro MUI_PAGE_LICENSE "${PAYLOAD}\licences\siteblind\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE German

LangString RUNNING ${LANG_ENGLISH} "SiteBlind is running. Close it, and start this again."
LangString RUNNING ${LANG_GERMAN} "SiteBlind läuft noch. Bitte beenden und dies noch einmal starten."
LangString NO_RIGHTS ${LANG_ENGLISH} "Installing for everybody needs an administrator."
LangString NO_RIGHTS ${LANG_GERMAN} "Für alle zu installieren braucht einen Administrator."

Var ForAll ; " /ALLUSERS", or nothing

; Whom it is for decides where it lies and which part of the registry knows of it.
!macro choose_scope un
  Function ${un}ChooseScope
    SetRegView 64
    SetShellVarContext current
    StrCpy $ForAll ""
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/ALLUSERS" $1
    ${IfNot} ${Errors}
      UserInfo::GetAccountType
      Pop $0
      ${If} $0 != "Admin"
        MessageBox MB_OK|MB_ICONSTOP "$(NO_RIGHTS)" /SD IDOK
        SetErrorLevel 2
        Quit
      ${EndIf}
      SetShellVarContext all
      StrCpy $ForAll " /ALLUSERS"
    ${EndIf}
  FunctionEnd
!macroend
!insertmacro choose_scope ""
!insertmacro choose_scope "un."

; A program that runs keeps its file from being renamed.
!macro refuse_if_running un
  Function ${un}RefuseIfRunning
    ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
      ClearErrors
      Rename "$INSTDIR\${PROGRAM}" "$INSTDIR\${PROGRAM}.old"
      ${If} ${Errors}
        MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDOK
        SetErrorLevel 2
        Quit
      ${EndIf}
      Rename "$INSTDIR\${PROGRAM}.old" "$INSTDIR\${PROGRAM}"
    ${EndIf}
  FunctionEnd
!macroend
!insertmacro refuse_if_running ""
!insertmacro refuse_if_running "un."

; Only what was installed: somebody may keep own files in the folder.
!macro remove_program
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\bill-of-materials.cdx.json"
  Delete "$INSTDIR\siteblind.exe"
  Delete "$INSTDIR\${PROGRAM}"
!macroend

Function .onInit
  Call ChooseScope
  ${If} $INSTDIR == ""
    ReadRegStr $INSTDIR SHCTX "${UNINSTALL}" "InstallLocation"
  ${EndIf}
  ${If} $INSTDIR != ""
    Return
  ${EndIf}
  ${If} $ForAll == ""
    StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${NAME}"
  ${Else}
    StrCpy $INSTDIR "$PROGRAMFILES64\${NAME}"
  ${EndIf}
FunctionEnd

Function un.onInit
  Call un.ChooseScope
FunctionEnd

Section
  Call RefuseIfRunning
  !insertmacro remove_program
  SetOutPath "$INSTDIR"
  ClearErrors
  File /r "${PAYLOAD}\*"
  ${If} ${Errors}
    SetErrorLevel 2
    Abort
  ${EndIf}
  WriteUninstaller "$INSTDIR\Uninstall.exe"

  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"

  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "The SiteBlind authors"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\Uninstall.exe"$ForAll'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S$ForAll'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" $0

  WriteRegStr SHCTX "Software\Classes\.siteblind-backup" "" "${BACKUP}"
  WriteRegStr SHCTX "Software\Classes\${BACKUP}" "" "SiteBlind project back-up"
  WriteRegStr SHCTX "Software\Classes\${BACKUP}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
SectionEnd

Section Uninstall
  Call un.RefuseIfRunning
  !insertmacro remove_program
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey SHCTX "${UNINSTALL}"
  DeleteRegKey SHCTX "Software\Classes\${BACKUP}"
  DeleteRegKey SHCTX "Software\Classes\.siteblind-backup"
SectionEnd
